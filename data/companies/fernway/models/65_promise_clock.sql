-- fact: promise_clock
-- about: "until when promises are known: the newest thing written into the task table"
-- key: day
-- day: day
-- redo: whole
-- needs: {s_follow_up_tasks: whole}
WITH newest AS (
  SELECT max(greatest(created, coalesce(done, created))) AS newest_at, min(CAST(promised_by_first AS DATE)) AS first_day FROM s_follow_up_tasks
)
SELECT day, CASE WHEN day < CAST(newest_at AS DATE) THEN TIMESTAMP '9999-12-31' ELSE newest_at END AS until
FROM (SELECT unnest(generate_series(first_day, CAST(newest_at AS DATE), INTERVAL 1 DAY))::DATE AS day, newest_at FROM newest)
