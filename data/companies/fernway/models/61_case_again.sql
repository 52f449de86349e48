-- fact: case_again
-- about: "one row per closed case and whether the same issue came again: opened again, or a new case of the same customer and theme.
--   A case opened again is the same issue, not another. Major incidents: a fault of the customer's was part of one"
-- key: case_id
-- day: day
-- alone: case_id
-- needs:
--   f_case: 0
--   others: {table: f_case, by: customer_id, of: f_case}
--   f_ticket: {by: customer_id, of: f_case, reach: [3, 60]}
-- optional:
--   f_ticket: "ticket_id VARCHAR, customer_id BIGINT, reported_at TIMESTAMP, in_major_incident BOOLEAN, day DATE"
-- lookup:
--   - {from: ids, by: {kind: id_kind, id: owner}, take: {person: person, hired_on: hired_on}, day: day}
WITH again AS (
  SELECT a.case_id,
    min(date_sub('second', a.closed_at, b.opened_at) / 86400.0)
      FILTER (b.opened_at > a.closed_at AND (b.reopened_from = a.case_id OR b.theme = a.theme)) AS days_to_reopen,
    min(date_sub('second', a.solved_at, b.opened_at) / 86400.0) FILTER (b.opened_at > a.solved_at AND b.theme = a.theme
      AND b.reopened_from IS DISTINCT FROM a.case_id) AS days_to_same
  FROM f_case a JOIN others b ON b.customer_id = a.customer_id AND b.case_id <> a.case_id
  WHERE a.closed_at IS NOT NULL GROUP BY a.case_id
),
incidents AS (
  SELECT DISTINCT c.case_id, true AS in_major_incident FROM f_case c JOIN f_ticket t ON t.customer_id = c.customer_id AND t.in_major_incident
    AND t.reported_at BETWEEN c.opened_at - INTERVAL 1 DAY AND coalesce(c.solved_at, c.closed_at)
)
SELECT c.case_id, c.day, c.customer_id, c.owner, c.id_kind, c.channel, c.theme, c.closed_at, c.closed_day, c.solved_day, c.close_kind, c.needs_visit,
  c.area, c.density, c.region, c.segment, c.product, a.days_to_reopen, a.days_to_same, coalesce(i.in_major_incident, false) AS in_major_incident
FROM f_case c LEFT JOIN again a USING (case_id) LEFT JOIN incidents i USING (case_id) WHERE c.closed_at IS NOT NULL
