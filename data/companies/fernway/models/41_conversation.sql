-- fact: conversation
-- about: "one row per written conversation: when a person was asked for, who took it, what it was about. Days by head-office clock"
-- key: conversation_id
-- day: day
-- alone: conversation_id
-- needs: {s_messaging: [2, 2], codes: whole, settings: whole}
WITH talks AS (
  SELECT conversation_id, min(_day) AS day, min(ts) AS began, max(ts) AS ended, arg_min(channel, ts) AS channel_code,
    arg_min(customer_key, ts) AS customer_key,
    min(ts) FILTER (event = 'HANDOVER_ASK') AS asked_at, min(ts) FILTER (event = 'HANDOVER_DONE') AS answered_at,
    arg_min(agent_login, ts) FILTER (agent_login IS NOT NULL) AS agent,
    max(ts) FILTER (sender = 'AGENT') AS last_answer, arg_min(intent, ts) FILTER (coalesce(intent, '') <> '') AS intent
  FROM s_messaging GROUP BY conversation_id
),
clock AS (SELECT value AS zone FROM settings WHERE key = 'head_office_zone')
SELECT t.conversation_id, t.day, c.value AS channel, t.began, t.ended, t.asked_at, t.answered_at, t.agent, t.intent,
  CAST(to_local(t.began, clock.zone) AS DATE) AS started_day, CAST(to_local(t.asked_at, clock.zone) AS DATE) AS asked_day,
  hour(to_local(t.began, clock.zone)) AS started_hour,
  date_sub('second', t.answered_at, greatest(t.last_answer, t.answered_at)) AS handled_s,
  -- the key is per channel: c and the customer's number in hexadecimal, the account in e-mails, the number's hash on WhatsApp
  CASE WHEN t.channel_code IN ('CHAT', 'APP') AND t.customer_key LIKE 'c%' THEN TRY_CAST('0x' || substr(t.customer_key, 2) AS BIGINT)
    WHEN t.channel_code = 'EMAIL' THEN TRY_CAST(t.customer_key AS BIGINT) // 10 END AS customer_id,
  CASE WHEN t.channel_code = 'WHATSAPP' THEN t.customer_key END AS ani_hash, t.customer_key
FROM talks t CROSS JOIN clock LEFT JOIN codes c ON c.list = 'channel' AND c.code = t.channel_code
