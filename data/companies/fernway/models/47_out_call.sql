-- fact: out_call
-- about: "one row per call from us to a customer that connected"
-- key: call_id
-- day: day
-- needs: {s_acd_calls: [7, 1], sites: whole}
WITH numbers AS (
  SELECT ani_hash, customer_id, queued_at FROM s_acd_calls WHERE customer_id IS NOT NULL AND ani_hash IS NOT NULL
),
calls AS (
  SELECT s.call_id, any_value(s._day) AS day, min(s.queued_at) AS began, arg_min(s.ani_hash, s.segment_no) AS ani_hash,
    arg_min(s.customer_id, s.segment_no) AS customer_id, arg_min(s.agent_login, s.segment_no) AS agent, any_value(p.zone) AS zone
  FROM s_acd_calls s LEFT JOIN sites p ON p.site_code = s.site
  WHERE s.direction = 'OUT' AND s.answered_at IS NOT NULL AND s.agent_login IS NOT NULL GROUP BY s.call_id
),
known AS (
  SELECT c.call_id, arg_max(n.customer_id, n.queued_at) AS customer_id
  FROM calls c JOIN numbers n ON n.ani_hash = c.ani_hash AND n.queued_at <= c.began AND n.queued_at >= c.began - INTERVAL 7 DAY
  WHERE c.customer_id IS NULL GROUP BY c.call_id
)
SELECT c.call_id, c.day, c.agent, coalesce(c.customer_id, k.customer_id) AS customer_id, c.began,
  CAST(to_local(c.began, c.zone) AS DATE) AS called_day
FROM calls c LEFT JOIN known k USING (call_id)
