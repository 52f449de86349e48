-- fact: promise
-- about: "one row per promise to call back or follow up, by when it was first promised. Times are the site's own"
-- key: task_id
-- day: day
-- alone: task_id
-- needs:
--   s_follow_up_tasks: 0
--   f_promise_clock: {by: {day: due_day}, reach: [1, 14]}
--   f_contact: {by: customer_id, of: s_follow_up_tasks, reach: [1, 1], where: answered}
--   f_shift: [1, 14]
-- optional:
--   f_contact: "contact_id VARCHAR, customer_id BIGINT, agent VARCHAR, channel VARCHAR, started_at TIMESTAMP, started_day DATE, started_hour BIGINT, answered BOOLEAN, day DATE"
--   f_shift: "login VARCHAR, day DATE, home BOOLEAN, here BOOLEAN"
-- lookup:
--   - {from: ids, by: {kind: id_kind, id: login}, take: {person: person, hired_on: hired_on}, day: due_day}
--   - {from: customers, by: {customer_id: customer_id}, take: {segment: segment, area: home_area, region: home_region}, day: due_day}
WITH made AS (
  -- promised in a contact: the last one of the same day that whoever promised had with the customer; on a visit there is no channel
  SELECT t.task_id, arg_max(c.channel, (c.started_at, c.contact_id)) AS channel
  FROM s_follow_up_tasks t JOIN f_contact c ON c.customer_id = t.customer_id AND c.agent IN (t.login, t.taken_over_from)
    AND c.started_day = CAST(t.created AS DATE) AND c.started_hour <= hour(t.created)
  GROUP BY t.task_id
)
SELECT t.task_id, t._day AS day, m.channel, t.login, 'login' AS id_kind, t.customer_id, t.case_id, t.kind, t.created, t.promised_by_first AS promised_by, t.done,
  CAST(t.promised_by_first AS DATE) AS due_day,
  CASE WHEN hour(t.promised_by_first) BETWEEN 6 AND 11 THEN 'morning' WHEN hour(t.promised_by_first) BETWEEN 12 AND 16 THEN 'afternoon'
    WHEN hour(t.promised_by_first) BETWEEN 17 AND 21 THEN 'evening' ELSE 'night' END AS part_of_day,
  coalesce(t.promised_by_first <= c.until, false) AS due, coalesce(t.cancelled_by = 'CUSTOMER', false) AS cancelled,
  -- whether whoever promised was there on the day it was due
  CASE WHEN s.login IS NULL THEN 'not planned' WHEN s.here THEN 'there' ELSE 'away' END AS cover,
  coalesce(t.done_kind = 'CONNECTED' AND t.done <= t.promised_by_first, false) AS kept, t.done_kind
FROM s_follow_up_tasks t LEFT JOIN made m USING (task_id) LEFT JOIN f_promise_clock c ON c.day = CAST(t.promised_by_first AS DATE)
LEFT JOIN f_shift s ON s.login = t.login AND s.day = CAST(t.promised_by_first AS DATE)
