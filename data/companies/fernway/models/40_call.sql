-- fact: call
-- about: "one row per call that a customer made: the menu, the queue, who answered, who passed it on"
-- key: call_id
-- day: day
-- alone: ani_hash
-- needs:
--   s_acd_calls: [7, 1]
--   f_menu: {by: ani_hash, of: s_acd_calls, reach: [1, 1]}
--   sites: whole
--   codes: whole
-- optional:
--   f_menu: "session_id VARCHAR, day DATE, ani_hash VARCHAR, asked_at TIMESTAMP"
WITH segments AS (
  SELECT s.*, p.zone, p.site AS site_name, p.region AS site_region, p.partner, s.queue <> 'IVR' AS for_a_person,
    s.agent_login IS NOT NULL AND s.answered_at IS NOT NULL AS by_a_person,
    date_sub('second', s.answered_at, s.ended_at) AS seconds
  FROM s_acd_calls s LEFT JOIN sites p ON p.site_code = s.site WHERE s.direction = 'IN'
),
calls AS (
  SELECT call_id, min(queued_at) AS began, any_value(_day) AS day,
    arg_min(customer_id, segment_no) AS customer_id, arg_min(ani_hash, segment_no) AS ani_hash,
    bool_or(for_a_person) AS asked,
    min(queued_at) FILTER (for_a_person) AS queue_entered,
    arg_min(queue, segment_no) FILTER (for_a_person) AS first_queue,
    coalesce(arg_min(site, segment_no) FILTER (for_a_person), arg_min(site, segment_no)) AS site,
    bool_or(by_a_person) AS answered, min(answered_at) FILTER (by_a_person) AS answered_at,
    max(ended_at) AS ended,
    arg_min(agent_login, segment_no) FILTER (by_a_person) AS first_agent,
    arg_min(agent_login, segment_no) FILTER (by_a_person AND transfer_kind = 'COLD' AND seconds >= 30) AS passed_by,
    bool_or(by_a_person AND (transfer_kind = 'WARM' OR (transfer_kind = 'COLD' AND seconds < 30))) AS handed_well,
    bool_or(transfer_to = 'CALLBACK') AS call_back,
    arg_min(reason_code, segment_no) FILTER (reason_code IS NOT NULL) AS reason_code,
    sum(coalesce(talk_s, 0) + coalesce(hold_s, 0) + coalesce(wrap_s, 0)) FILTER (by_a_person) AS handled_s,
    count(*) FILTER (by_a_person) AS people
  FROM segments GROUP BY call_id
),
-- a call-back that the customer chose and got within a day; a blank customer is the last one who called from that number in the week before
back AS (
  SELECT c.call_id, true AS called_back FROM calls c JOIN s_acd_calls o ON o.direction = 'OUT' AND o.ani_hash = c.ani_hash
    AND o.answered_at > c.ended AND o.answered_at <= c.ended + INTERVAL 24 HOUR
  WHERE c.call_back GROUP BY c.call_id
),
-- who asked the menu for a person and never got into a queue has asked, too
menu AS (
  SELECT c.call_id, min(m.asked_at) AS asked_at FROM calls c JOIN f_menu m ON m.ani_hash = c.ani_hash AND m.asked_at BETWEEN c.began AND c.ended
  WHERE NOT c.asked GROUP BY c.call_id
),
asking AS (
  SELECT c.* REPLACE (c.asked OR m.call_id IS NOT NULL AS asked, coalesce(c.queue_entered, m.asked_at) AS queue_entered)
  FROM calls c LEFT JOIN menu m USING (call_id)
),
known AS (
  SELECT *, coalesce(customer_id, last_value(customer_id IGNORE NULLS) OVER (
    PARTITION BY ani_hash ORDER BY began RANGE BETWEEN INTERVAL 7 DAY PRECEDING AND CURRENT ROW)) AS customer
  FROM asking
)
SELECT k.call_id, k.day, CAST(to_local(k.began, p.zone) AS DATE) AS started_day, CAST(to_local(k.queue_entered, p.zone) AS DATE) AS queued_day,
  k.began AS started_at, k.queue_entered, k.answered_at, k.ended, hour(to_local(k.began, p.zone)) AS started_hour, k.customer AS customer_id, k.customer_id IS NOT NULL AS customer_told,
  k.ani_hash, k.asked, k.answered, k.call_back, coalesce(b.called_back, false) AS called_back, q.value AS queue, p.site, p.region, p.partner, k.first_agent, k.passed_by, k.handed_well,
  k.reason_code, r.value AS reason, k.handled_s, k.people,
  k.asked AND NOT k.answered AND k.ended <= k.queue_entered + INTERVAL 5 SECOND AS ended_at_once
FROM known k LEFT JOIN back b USING (call_id) LEFT JOIN sites p ON p.site_code = k.site
LEFT JOIN codes q ON q.list = 'queue' AND q.code = k.first_queue
LEFT JOIN codes r ON r.list = 'reason' AND r.code = k.reason_code
