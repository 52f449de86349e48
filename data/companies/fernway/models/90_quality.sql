-- fact: quality
-- about: "what may be wrong with the records themselves, by day and area or site: looked at to mend definitions, never people"
-- key: [what, unit, day]
-- day: day
-- needs:
--   f_arrival: [1, 1]
--   f_appointment: [1, 1]
--   f_contact: [1, 1]
--   ids: {by: {id: tech_badge}, of: f_appointment}
--   logins: {table: ids, by: {id: agent}, of: f_contact}
-- optional:
--   f_arrival: "appointment_id VARCHAR, window_day DATE, promised_day DATE, area VARCHAR, tapped BOOLEAN, tapped_far BOOLEAN, confirmed BOOLEAN"
--   f_appointment: "appointment_id VARCHAR, window_day DATE, promised_day DATE, area VARCHAR, status VARCHAR, partner VARCHAR, tech_badge VARCHAR, came BOOLEAN, arrived TIMESTAMP, finished_at TIMESTAMP"
--   f_contact: "contact_id VARCHAR, day DATE, started_day DATE, site VARCHAR, answered BOOLEAN, partner VARCHAR, agent VARCHAR, customer_id BIGINT, reason VARCHAR"
SELECT 'arrivals tapped more than 200 m from the work' AS what, area AS unit, promised_day AS day, count(*) FILTER (tapped_far) AS n, count(*) AS total
FROM f_arrival WHERE tapped GROUP BY area, promised_day
UNION ALL
SELECT 'arrivals that neither a tap nearby nor a van confirms', area, promised_day, count(*) FILTER (NOT confirmed), count(*)
FROM f_arrival GROUP BY area, promised_day
UNION ALL
SELECT 'jobs closed within five minutes of arriving', area, promised_day, count(*) FILTER (finished_at < arrived + INTERVAL 5 MINUTE), count(*)
FROM f_appointment WHERE status = 'DONE' AND came AND arrived IS NOT NULL AND finished_at IS NOT NULL GROUP BY area, promised_day
UNION ALL
SELECT 'contacts without a reason, or with "other"', site, started_day, count(*) FILTER (coalesce(reason, 'other') = 'other'), count(*)
FROM f_contact WHERE answered AND partner IS NULL AND site IS NOT NULL GROUP BY site, started_day
UNION ALL
SELECT 'visits by somebody whom HR does not know', v.area, v.promised_day, count(*) FILTER (i.id IS NULL), count(*)
FROM f_appointment v LEFT JOIN ids i ON i.kind = 'badge' AND i.id = v.tech_badge AND v.promised_day >= i.valid_from AND v.promised_day < i.valid_to
WHERE v.came AND v.partner IS NULL GROUP BY v.area, v.promised_day
UNION ALL
SELECT 'contacts with somebody whom HR does not know', c.site, c.started_day, count(*) FILTER (i.id IS NULL), count(*)
FROM f_contact c LEFT JOIN logins i ON i.kind = 'login' AND i.id = c.agent AND c.started_day >= i.valid_from AND c.started_day < i.valid_to
WHERE c.answered AND c.partner IS NULL AND c.site IS NOT NULL GROUP BY c.site, c.started_day
UNION ALL
SELECT 'contacts whose customer is not known', site, started_day, count(*) FILTER (customer_id IS NULL), count(*)
FROM f_contact WHERE answered AND site IS NOT NULL GROUP BY site, started_day
