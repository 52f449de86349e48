-- fact: contact
-- about: "one row per customer contact with a person, or that asked for one, over all channels"
-- key: contact_id
-- day: day
-- needs: {f_call: [7, 0], f_conversation: 0, s_agent_desktop: [1, 1], f_shift: [1, 1], f_outage_day: [1, 1], codes: whole}
-- optional:
--   s_agent_desktop: "session_id VARCHAR, seq INTEGER, ts TIMESTAMP, event VARCHAR, customer_id BIGINT, contact_ref VARCHAR, _day DATE"
--   f_shift: "login VARCHAR, day DATE, home BOOLEAN, here BOOLEAN"
--   f_outage_day: "area_code VARCHAR, day DATE, outage BOOLEAN"
--   f_conversation: "conversation_id VARCHAR, day DATE, channel VARCHAR, began TIMESTAMP, ended TIMESTAMP, asked_at TIMESTAMP, answered_at TIMESTAMP, agent VARCHAR, intent VARCHAR, started_day DATE, asked_day DATE, started_hour BIGINT, handled_s BIGINT, customer_id BIGINT, ani_hash VARCHAR, customer_key VARCHAR"
-- lookup:
--   - {from: ids, by: {kind: id_kind, id: agent}, take: {person: person, hired_on: hired_on}, day: started_day}
--   - {from: ids, by: {kind: id_kind, id: passing_agent}, take: {person: passing_person, hired_on: passing_hired_on}, day: started_day}
--   - {from: customers, by: {customer_id: customer_id}, take: {segment: segment, product: product, area: home_area, density: density, region: home_region, active_since: active_since}, day: started_day}
WITH numbers AS (
  SELECT v.conversation_id, arg_max(c.customer_id, c.started_at) AS customer_id
  FROM f_conversation v JOIN f_call c ON c.ani_hash = v.ani_hash AND c.customer_told AND c.started_at <= v.began
    AND c.started_at >= v.began - INTERVAL 7 DAY
  GROUP BY v.conversation_id
),
-- a customer whom neither line nor chat told: the one whose card the agent opened for this contact
cards AS (
  SELECT contact_ref AS contact_id, arg_min(customer_id, (ts, session_id, seq)) AS card_customer FROM s_agent_desktop
  WHERE event = 'CARD_OPEN' AND customer_id IS NOT NULL AND contact_ref IS NOT NULL GROUP BY contact_ref
),
-- days on which a tenth of all areas had trouble in the network: everybody's lines are busy then
outages AS (SELECT day, count(*) FILTER (outage) * 10 >= count(*) AS outage FROM f_outage_day GROUP BY day),
contacts AS (
  SELECT call_id AS contact_id, day, 'call' AS channel, started_day, queued_day, started_at, queue_entered, answered_at, ended, started_hour,
    customer_id AS told_customer, 'n' || ani_hash AS other_key, asked, answered, call_back, called_back, queue, site, region,
    partner, first_agent AS agent, coalesce(passed_by, first_agent) AS passing_agent, passed_by IS NOT NULL AS passed,
    coalesce(handed_well, false) AS handed_well, reason, coalesce(reason_code = 'TRNG', false) AS training,
    coalesce(reason_code = 'WRNG', false) AS wrong_number, handled_s / 60.0 AS handled_minutes, ended_at_once
  FROM f_call
  UNION ALL
  SELECT v.conversation_id, v.day, v.channel, v.started_day, v.asked_day, v.began, v.asked_at, v.answered_at, v.ended, v.started_hour,
    coalesce(v.customer_id, n.customer_id), coalesce('n' || v.ani_hash, v.customer_key),
    v.asked_at IS NOT NULL, v.answered_at IS NOT NULL AND v.agent IS NOT NULL, false, false, 'messaging', NULL, NULL,
    NULL, v.agent, v.agent, false, false, CASE WHEN r.value IS NOT NULL THEN v.intent END, false, coalesce(v.intent = 'wrong_number', false),
    v.handled_s / 60.0, false
  FROM f_conversation v LEFT JOIN numbers n USING (conversation_id)
  LEFT JOIN (SELECT DISTINCT value FROM codes WHERE list = 'reason') r ON r.value = v.intent
)
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
