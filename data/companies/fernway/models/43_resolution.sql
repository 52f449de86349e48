-- fact: resolution
-- about: "one row per first contact with a person about an issue: how soon the same issue came back, and what the customer said in the survey"
-- key: contact_id
-- day: day
-- alone: customer_key
-- needs:
--   f_contact: {reach: 7, where: (asked OR answered) AND NOT wrong_number AND NOT training}
--   f_survey: {by: {ref_id: contact_id}, of: f_contact, where: NOT solved}
-- optional:
--   f_survey: "invite_id VARCHAR, ref_id VARCHAR, solved BOOLEAN, day DATE"
-- lookup:
--   - {from: ids, by: {kind: id_kind, id: agent}, take: {person: person, hired_on: hired_on}, day: started_day}
--   - {from: customers, by: {customer_id: customer_id}, take: [segment, product, active_since], day: started_day}
WITH here AS (SELECT * FROM f_contact),
pairs AS (
  SELECT a.contact_id AS first_id, b.contact_id AS next_id, b.started_at - a.started_at AS gap
  FROM here a JOIN here b ON b.customer_key = a.customer_key AND (b.started_at, b.contact_id) > (a.started_at, a.contact_id)
    AND b.started_at <= a.started_at + INTERVAL 7 DAY AND (a.reason = b.reason OR a.reason IS NULL OR b.reason IS NULL)
),
later AS (SELECT first_id AS contact_id, min(gap) AS gap FROM pairs GROUP BY first_id),
earlier AS (SELECT next_id AS contact_id FROM pairs),
said_no AS (SELECT DISTINCT ref_id AS contact_id FROM f_survey)
SELECT c.contact_id, c.day, c.started_day, c.channel, c.queue, c.reason, c.part_of_day, c.reason_group, c.care_cell, c.customer_id, c.customer_key, c.agent, c.id_kind,
  c.site, c.region, c.partner, c.handed_well, c.passed, l.gap IS NOT NULL AS came_back, coalesce(l.gap <= INTERVAL 48 HOUR, false) AS came_back_soon,
  n.contact_id IS NOT NULL AS said_no
FROM here c ANTI JOIN earlier USING (contact_id) LEFT JOIN later l USING (contact_id) LEFT JOIN said_no n USING (contact_id)
WHERE c.answered
