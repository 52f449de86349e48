-- fact: case
-- about: "one row per case: themes of the new tree, first closing and its owner, hours by state from opening until solved"
-- key: case_id
-- day: day
-- alone: case_id
-- needs:
--   s_crm_cases: 0
--   l_crm_cases: {by: case_id, of: s_crm_cases, reach: [0, 0]}
--   parents: {table: s_crm_cases, by: {case_id: reopened_from}, of: s_crm_cases}
--   children: {table: s_crm_cases, by: {reopened_from: case_id}, of: s_crm_cases}
--   customers: {by: customer_id, of: s_crm_cases}
--   f_contact: {by: customer_id, of: s_crm_cases, reach: [1, 0], where: answered}
--   codes: whole
--   settings: whole
-- optional:
--   customers: "customer_id BIGINT, area VARCHAR, density VARCHAR, region VARCHAR, zone VARCHAR, segment VARCHAR, product VARCHAR, reachable BOOLEAN, valid_from DATE, valid_to DATE"
--   f_contact: "contact_id VARCHAR, customer_id BIGINT, channel VARCHAR, started_at TIMESTAMP, answered BOOLEAN, day DATE"
-- lookup:
--   - {from: ids, by: {kind: id_kind, id: owner}, take: {person: person, hired_on: hired_on}, day: day}
WITH history AS (SELECT * FROM l_crm_cases WHERE op <> 'D' AND opened_at IS NOT NULL),
-- a nightly script writes closed_at again: the first closing counts
closings AS (
  SELECT case_id, arg_min(closed_at, lsn) AS closed_at, arg_min(close_kind, lsn) AS close_kind, arg_min(owner_login, lsn) AS owner,
    min(lsn) AS lsn
  FROM history WHERE closed_at IS NOT NULL GROUP BY case_id
),
-- states follow each other until the case was solved, or closed
states AS (
  SELECT case_id, state, state_since AS since, min(lsn) AS lsn FROM history
  WHERE we_think_solved_at IS NULL AND closed_at IS NULL GROUP BY ALL
),
ends AS (
  SELECT s.case_id, coalesce(s.we_think_solved_at, c.closed_at) AS until FROM s_crm_cases s LEFT JOIN closings c USING (case_id)
),
spans AS (
  SELECT s.case_id, s.state, s.since, least(lead(s.since, 1, e.until) OVER (PARTITION BY s.case_id ORDER BY s.since, s.lsn), e.until) AS until
  FROM states s JOIN ends e USING (case_id) WHERE e.until IS NOT NULL
),
-- the channel in which the customer came: the contact during which the case was opened
came AS (
  SELECT s.case_id, arg_max(c.channel, (c.started_at, c.contact_id)) AS channel FROM s_crm_cases s
  JOIN f_contact c ON c.customer_id = s.customer_id AND c.started_at BETWEEN s.opened_at - INTERVAL 2 HOUR AND s.opened_at
  GROUP BY s.case_id
),
changed AS (SELECT case_id, max(greatest(state_since, coalesce(we_think_solved_at, state_since))) AS changed_at,
  min(state_since) <= min(opened_at) AS from_start FROM history GROUP BY case_id),
hours AS (
  SELECT case_id,
    sum(greatest(date_sub('second', since, until), 0)) FILTER (state = 'WAIT_PART') / 3600.0 AS part_hours,
    sum(greatest(date_sub('second', since, until), 0)) FILTER (state = 'WAIT_VISIT') / 3600.0 AS visit_hours
  FROM spans GROUP BY case_id
),
placed AS (
  SELECT s.*, c.area, c.density, c.region, c.segment, c.product, coalesce(c.reachable, true) AS reachable,
    coalesce(c.zone, (SELECT value FROM settings WHERE key = 'head_office_zone')) AS zone
  FROM s_crm_cases s LEFT JOIN customers c ON c.customer_id = s.customer_id AND s._day >= c.valid_from AND s._day < c.valid_to
)
SELECT s.case_id, s._day AS day, s.customer_id, coalesce(o.owner, s.owner_login) AS owner, 'login' AS id_kind, t.value AS theme,
  coalesce(s.problem_flag, false) AS problem, s.reopened_from, s.case_id IN (SELECT reopened_from FROM children WHERE reopened_from IS NOT NULL) AS reopened,
  w.channel,
  coalesce(n.from_start, false) AS from_start,
  s.opened_at, coalesce(p.opened_at, s.opened_at) AS first_opened, s.we_think_solved_at AS solved_at, o.closed_at, o.close_kind,
  CASE WHEN o.close_kind = 'CONFIRMED' THEN s.confirmed_at END AS confirmed_at, s.confirmed_at IS NOT NULL AS said_yes,
  s.area, s.density, s.region, s.segment, s.product, s.reachable,
  coalesce(h.part_hours, 0) AS part_hours, coalesce(h.visit_hours, 0) AS visit_hours, coalesce(h.visit_hours, 0) > 0 AS needs_visit,
  coalesce(h.part_hours, 0) > 0 AS needs_part,
  CAST(to_local(s.opened_at, s.zone) AS DATE) AS opened_day, CAST(to_local(o.closed_at, s.zone) AS DATE) AS closed_day,
  CAST(to_local(coalesce(CASE WHEN o.close_kind = 'CONFIRMED' THEN s.confirmed_at END, o.closed_at), s.zone) AS DATE) AS confirmed_day,
  CAST(to_local(s.we_think_solved_at, s.zone) AS DATE) AS solved_day, CAST(to_local(n.changed_at, s.zone) AS DATE) AS changed_day
FROM placed s LEFT JOIN closings o USING (case_id) LEFT JOIN hours h USING (case_id) LEFT JOIN changed n USING (case_id)
LEFT JOIN parents p ON p.case_id = s.reopened_from LEFT JOIN came w ON w.case_id = s.case_id
LEFT JOIN codes t ON t.list = 'theme' AND t.code = s.theme_code
