-- fact: contact
-- about: "one row per customer contact with a person, or that asked for one, over all channels"
-- key: contact_id
-- day: day
-- needs: {f_call: [7, 0], f_conversation: 0, codes: whole}
-- optional:
--   f_conversation: "conversation_id VARCHAR, day DATE, channel VARCHAR, began TIMESTAMP, ended TIMESTAMP, asked_at TIMESTAMP, answered_at TIMESTAMP, agent VARCHAR, intent VARCHAR, started_day DATE, asked_day DATE, started_hour BIGINT, handled_s BIGINT, customer_id BIGINT, ani_hash VARCHAR, customer_key VARCHAR"
-- lookup:
--   - {from: ids, by: {kind: id_kind, id: agent}, take: {person: person, hired_on: hired_on}, day: started_day}
--   - {from: ids, by: {kind: id_kind, id: passing_agent}, take: {person: passing_person, hired_on: passing_hired_on}, day: started_day}
--   - {from: customers, by: {customer_id: customer_id}, take: {segment: segment, product: product, area: home_area, density: density, region: home_region}, day: started_day}
WITH numbers AS (
  SELECT v.conversation_id, arg_max(c.customer_id, c.started_at) AS customer_id
  FROM f_conversation v JOIN f_call c ON c.ani_hash = v.ani_hash AND c.customer_told AND c.started_at <= v.began
    AND c.started_at >= v.began - INTERVAL 7 DAY
  GROUP BY v.conversation_id
),
contacts AS (
  SELECT call_id AS contact_id, day, 'call' AS channel, started_day, queued_day, started_at, queue_entered, answered_at, ended, started_hour,
    customer_id, coalesce('c' || customer_id, 'n' || ani_hash) AS customer_key, asked, answered, call_back, called_back, queue, site, region,
    partner, first_agent AS agent, coalesce(passed_by, first_agent) AS passing_agent, passed_by IS NOT NULL AS passed,
    coalesce(handed_well, false) AS handed_well, reason, coalesce(reason_code = 'TRNG', false) AS training,
    coalesce(reason_code = 'WRNG', false) AS wrong_number, handled_s / 60.0 AS handled_minutes, ended_at_once
  FROM f_call
  UNION ALL
  SELECT v.conversation_id, v.day, v.channel, v.started_day, v.asked_day, v.began, v.asked_at, v.answered_at, v.ended, v.started_hour,
    coalesce(v.customer_id, n.customer_id), coalesce('c' || coalesce(v.customer_id, n.customer_id), 'n' || v.ani_hash, v.customer_key),
    v.asked_at IS NOT NULL, v.answered_at IS NOT NULL AND v.agent IS NOT NULL, false, false, 'messaging', NULL, NULL,
    NULL, v.agent, v.agent, false, false, CASE WHEN r.value IS NOT NULL THEN v.intent END, false, coalesce(v.intent = 'wrong_number', false),
    v.handled_s / 60.0, false
  FROM f_conversation v LEFT JOIN numbers n USING (conversation_id)
  LEFT JOIN (SELECT DISTINCT value FROM codes WHERE list = 'reason') r ON r.value = v.intent
)
SELECT *, 'login' AS id_kind,
  CASE WHEN started_hour BETWEEN 6 AND 11 THEN 'morning' WHEN started_hour BETWEEN 12 AND 16 THEN 'afternoon'
    WHEN started_hour BETWEEN 17 AND 21 THEN 'evening' ELSE 'night' END AS part_of_day,
  CASE WHEN started_hour BETWEEN 6 AND 16 THEN 'day' ELSE 'evening' END AS half_of_day
FROM contacts
