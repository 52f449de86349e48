-- fact: quality
-- about: "what may be wrong with the records themselves, by day and area or site: looked at to mend definitions, never people"
-- key: [what, unit, day]
-- day: day
-- needs: {f_arrival: [1, 1], f_appointment: [1, 1], f_contact: [1, 1]}
-- optional:
--   f_arrival: "appointment_id VARCHAR, window_day DATE, promised_day DATE, area VARCHAR, tapped BOOLEAN, tapped_far BOOLEAN, confirmed BOOLEAN"
--   f_appointment: "appointment_id VARCHAR, window_day DATE, promised_day DATE, area VARCHAR, status VARCHAR, came BOOLEAN, arrived TIMESTAMP, finished_at TIMESTAMP"
--   f_contact: "contact_id VARCHAR, day DATE, started_day DATE, site VARCHAR, answered BOOLEAN, partner VARCHAR, reason VARCHAR"
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
