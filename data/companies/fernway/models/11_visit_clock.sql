-- table: visit_clock
-- about: "until when the promised windows of a day are known to have ended: the newest change of the field system"
-- key: day
-- needs: {l_fsm_appointments: whole}
WITH newest AS (SELECT max(changed_at) AS newest_at, CAST(min(window_end) AS DATE) AS first_day FROM l_fsm_appointments)
SELECT day, CASE WHEN day < CAST(newest_at AS DATE) THEN TIMESTAMP '9999-12-31' ELSE newest_at END AS until, day AS valid_from, day + 1 AS valid_to
FROM (SELECT unnest(generate_series(first_day, CAST(newest_at AS DATE), INTERVAL 1 DAY))::DATE AS day, newest_at FROM newest)
