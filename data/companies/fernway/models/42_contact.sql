-- fact: contact
-- about: "one row per written conversation, and per call in which a customer asked for a person: the menu, the queue, who answered, who passed it on"
-- key: contact_id
-- day: day
-- alone: line
-- needs:
--   s_acd_calls: {by: {ani_hash: line}, reach: 1, key: call_id}
--   before: {table: s_acd_calls, by: {ani_hash: line}, reach: [7, 1]}
--   f_conversation: {by: {conversation_id: line}, reach: 0}
--   f_menu: {by: {ani_hash: line}, reach: 1}
--   callers: {table: s_acd_calls, by: ani_hash, of: f_conversation, reach: [8, 1]}
--   s_agent_desktop: {by: {contact_ref: contact_id}, reach: 1}
--   f_shift: {by: {login: agent}, reach: 1}
--   f_outage_day: {by: {day: started_day}, reach: 1}
--   sites: whole
--   codes: whole
-- optional:
--   f_menu: "session_id VARCHAR, day DATE, ani_hash VARCHAR, asked_at TIMESTAMP"
--   s_agent_desktop: "session_id VARCHAR, seq INTEGER, ts TIMESTAMP, event VARCHAR, customer_id BIGINT, contact_ref VARCHAR, _day DATE"
--   f_shift: "login VARCHAR, day DATE, home BOOLEAN, here BOOLEAN"
--   f_outage_day: "area_code VARCHAR, day DATE, outage BOOLEAN"
--   f_conversation: "conversation_id VARCHAR, day DATE, channel VARCHAR, began TIMESTAMP, ended TIMESTAMP, asked_at TIMESTAMP, answered_at TIMESTAMP, agent VARCHAR, intent VARCHAR, started_day DATE, asked_day DATE, started_hour BIGINT, handled_s BIGINT, customer_id BIGINT, ani_hash VARCHAR, customer_key VARCHAR"
-- lookup:
--   - {from: ids, by: {kind: id_kind, id: agent}, take: {person: person, hired_on: hired_on}, day: started_day}
--   - {from: ids, by: {kind: id_kind, id: passing_agent}, take: {person: passing_person, hired_on: passing_hired_on}, day: started_day}
--   - {from: customers, by: {customer_id: customer_id}, take: {segment: segment, product: product, area: home_area, density: density, region: home_region, active_since: active_since}, day: started_day}
WITH segments AS (
  SELECT *, queue <> 'IVR' AS for_a_person, agent_login IS NOT NULL AND answered_at IS NOT NULL AS by_a_person,
    date_sub('second', answered_at, ended_at) AS seconds
  FROM s_acd_calls WHERE direction = 'IN'
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
    sum(coalesce(talk_s, 0) + coalesce(hold_s, 0) + coalesce(wrap_s, 0)) FILTER (by_a_person) AS handled_s
  FROM segments GROUP BY call_id
),
-- a call-back that the customer chose and got within a day; a blank customer is the last one who called from that number in the week before
back AS (
  SELECT DISTINCT c.call_id FROM calls c JOIN s_acd_calls o ON o.direction = 'OUT' AND o.ani_hash = c.ani_hash
    AND o.answered_at > c.ended AND o.answered_at <= c.ended + INTERVAL 24 HOUR
  WHERE c.call_back
),
earlier AS (
  SELECT call_id, any_value(ani_hash) AS ani_hash, min(queued_at) AS began, arg_min(customer_id, segment_no) AS customer_id
  FROM before WHERE direction = 'IN' AND ani_hash IN (SELECT ani_hash FROM calls WHERE customer_id IS NULL) GROUP BY call_id
),
known AS (
  SELECT c.call_id, arg_max(b.customer_id, (b.began, b.call_id)) AS customer_id FROM calls c JOIN earlier b ON b.ani_hash = c.ani_hash
    AND b.began <= c.began AND b.began >= c.began - INTERVAL 7 DAY
  WHERE c.customer_id IS NULL AND b.customer_id IS NOT NULL GROUP BY c.call_id
),
-- who asked the menu for a person and never got into a queue has asked, too
menu AS (
  SELECT c.call_id, min(m.asked_at) AS asked_at FROM calls c JOIN f_menu m ON m.ani_hash = c.ani_hash AND m.asked_at BETWEEN c.began AND c.ended
  WHERE NOT c.asked GROUP BY c.call_id
),
-- who writes from a number is the last one who called from it in the week before
told AS (
  SELECT any_value(ani_hash) AS ani_hash, min(queued_at) AS began, arg_min(customer_id, segment_no) AS customer_id
  FROM callers WHERE direction = 'IN' GROUP BY call_id
),
numbers AS (
  SELECT v.conversation_id, arg_max(t.customer_id, t.began) AS customer_id
  FROM f_conversation v JOIN told t ON t.ani_hash = v.ani_hash AND t.began <= v.began AND t.began >= v.began - INTERVAL 7 DAY
  GROUP BY v.conversation_id
),
contacts AS (
  SELECT c.call_id AS contact_id, c.ani_hash AS line, c.day, 'call' AS channel, CAST(to_local(c.began, p.zone) AS DATE) AS started_day,
    CAST(to_local(coalesce(c.queue_entered, m.asked_at), p.zone) AS DATE) AS queued_day, c.began AS started_at,
    coalesce(c.queue_entered, m.asked_at) AS queue_entered, c.answered_at, c.ended, hour(to_local(c.began, p.zone)) AS started_hour,
    coalesce(c.customer_id, k.customer_id) AS told_customer, 'n' || c.ani_hash AS other_key, c.asked OR m.call_id IS NOT NULL AS asked, c.answered,
    b.call_id IS NOT NULL AS called_back, q.value AS queue, p.site, p.region, p.partner, c.first_agent AS agent,
    coalesce(c.passed_by, c.first_agent) AS passing_agent, c.passed_by IS NOT NULL AS passed, coalesce(c.handed_well, false) AS handed_well,
    r.value AS reason, coalesce(c.reason_code = 'TRNG', false) AS training, coalesce(c.reason_code = 'WRNG', false) AS wrong_number,
    c.handled_s / 60.0 AS handled_minutes,
    (c.asked OR m.call_id IS NOT NULL) AND NOT c.answered AND c.ended <= coalesce(c.queue_entered, m.asked_at) + INTERVAL 5 SECOND AS ended_at_once
  FROM calls c LEFT JOIN menu m USING (call_id) LEFT JOIN known k USING (call_id) LEFT JOIN back b USING (call_id)
  LEFT JOIN sites p ON p.site_code = c.site LEFT JOIN codes q ON q.list = 'queue' AND q.code = c.first_queue
  LEFT JOIN codes r ON r.list = 'reason' AND r.code = c.reason_code
  WHERE c.asked OR c.answered OR m.call_id IS NOT NULL
  UNION ALL
  SELECT v.conversation_id, v.conversation_id, v.day, v.channel, v.started_day, v.asked_day, v.began, v.asked_at, v.answered_at, v.ended, v.started_hour,
    coalesce(v.customer_id, n.customer_id), coalesce('n' || v.ani_hash, v.customer_key),
    v.asked_at IS NOT NULL, v.answered_at IS NOT NULL AND v.agent IS NOT NULL, false, 'messaging', NULL, NULL,
    NULL, v.agent, v.agent, false, false, CASE WHEN r.value IS NOT NULL THEN v.intent END, false, coalesce(v.intent = 'wrong_number', false),
    v.handled_s / 60.0, false
  FROM f_conversation v LEFT JOIN numbers n USING (conversation_id)
  LEFT JOIN (SELECT DISTINCT value FROM codes WHERE list = 'reason') r ON r.value = v.intent
),
-- a customer whom neither line nor chat told: the one whose card the agent opened for this contact
cards AS (
  SELECT contact_ref AS contact_id, arg_min(customer_id, (ts, session_id, seq)) AS card_customer FROM s_agent_desktop
  WHERE event = 'CARD_OPEN' AND customer_id IS NOT NULL AND contact_ref IN (
    SELECT call_id FROM calls WHERE customer_id IS NULL UNION ALL SELECT conversation_id FROM f_conversation WHERE customer_id IS NULL)
  GROUP BY contact_ref
),
-- days on which a tenth of all areas had trouble in the network: everybody's lines are busy then
outages AS (SELECT day, count(*) FILTER (outage) * 10 >= count(*) AS outage FROM f_outage_day GROUP BY day)
SELECT c.* EXCLUDE (told_customer, other_key), 'login' AS id_kind, c.told_customer IS NOT NULL AS identified,
  coalesce(c.told_customer, k.card_customer) AS customer_id, coalesce('c' || coalesce(c.told_customer, k.card_customer), c.other_key) AS customer_key,
  CASE WHEN c.started_hour BETWEEN 6 AND 11 THEN 'morning' WHEN c.started_hour BETWEEN 12 AND 16 THEN 'afternoon'
    WHEN c.started_hour BETWEEN 17 AND 21 THEN 'evening' ELSE 'night' END AS part_of_day,
  coalesce(o.outage, false) AS outage, coalesce(s.home, false) AS from_home, g.reason_group,
  -- what agents are given: the cell of like contacts
  concat_ws('|', g.reason_group, CASE WHEN c.channel = 'call' THEN 'call' ELSE 'written' END,
    CASE WHEN c.started_hour BETWEEN 6 AND 16 THEN 'day' ELSE 'evening' END, CASE WHEN s.home THEN 'home' ELSE 'site' END) AS care_cell
FROM contacts c LEFT JOIN cards k USING (contact_id) LEFT JOIN outages o ON o.day = c.started_day
LEFT JOIN f_shift s ON s.login = c.agent AND s.day = c.started_day
CROSS JOIN LATERAL (SELECT CASE WHEN c.reason IN ('no_signal', 'slow_internet', 'tv_trouble', 'phone_fault') THEN 'fault'
  WHEN c.reason IN ('bill_too_high', 'bill_question', 'payment') THEN 'bill' WHEN c.reason IN ('appointment', 'new_order', 'moving_home') THEN 'order'
  WHEN c.reason = 'leaving' THEN 'leaving' ELSE 'other' END AS reason_group) g
