-- fact: act
-- about: "one row per kind act with a second trace: a card that the vendor posted, a check-in call that the telephone knows of,
--   a colleague helped by a tip (once a week for the same two). Calls ahead have one trace only, the tap itself: they are on_my_way_rate's"
-- key: act_id
-- day: act_day
-- needs: {s_greeting_cards: [40, 7], f_promise: [48, 7], f_out_call: [40, 8], f_tip_use: [48, 7]}
-- optional:
--   s_greeting_cards: "order_ref VARCHAR, ordered_at TIMESTAMP, ordered_by VARCHAR, customer_ref VARCHAR, posted_at TIMESTAMP, returned BOOLEAN, _day DATE"
--   f_promise: "task_id BIGINT, login VARCHAR, customer_id BIGINT, kind VARCHAR, done TIMESTAMP, done_kind VARCHAR, day DATE"
--   f_out_call: "call_id VARCHAR, agent VARCHAR, customer_id BIGINT, called_day DATE, day DATE"
--   f_tip_use: "id BIGINT, author_login VARCHAR, colleague VARCHAR, used_day DATE, day DATE"
-- lookup:
--   - {from: ids, by: {kind: id_kind, id: login}, take: {person: person, hired_on: hired_on}}
WITH acts AS (
  SELECT order_ref AS act_id, CAST(ordered_at AS DATE) AS act_day, ordered_at AS done_at, TRY_CAST(customer_ref AS BIGINT) AS customer_id,
    -- a private address tells nobody's name
    CASE WHEN ordered_by LIKE '%@fernway.example' THEN split_part(ordered_by, '@', 1) END AS login,
    order_ref, NULL AS task_id, NULL AS kind, NULL AS id
  FROM s_greeting_cards WHERE posted_at IS NOT NULL AND NOT coalesce(returned, false)
  UNION ALL
  SELECT 'T' || p.task_id, CAST(p.done AS DATE), p.done, p.customer_id, p.login, NULL, p.task_id, NULL, NULL
  FROM f_promise p SEMI JOIN f_out_call c ON c.agent = p.login AND c.customer_id = p.customer_id AND c.called_day = CAST(p.done AS DATE)
  WHERE p.kind = 'CHECK_IN' AND p.done_kind = 'CONNECTED' AND p.done IS NOT NULL
  UNION ALL
  SELECT 'U' || id, used_day, CAST(used_day AS TIMESTAMP), NULL, author_login, NULL, NULL, 'use', id FROM f_tip_use
  QUALIFY row_number() OVER (PARTITION BY author_login, colleague, date_trunc('week', used_day) ORDER BY used_day, id) = 1
),
spaced AS (
  SELECT *, lag(act_day) OVER (PARTITION BY customer_id ORDER BY done_at, act_id) AS last_day,
    row_number() OVER (PARTITION BY login, date_trunc('week', act_day) ORDER BY done_at, act_id) AS of_week
  FROM acts
)
SELECT act_id, act_day, customer_id, login, 'login' AS id_kind, order_ref, task_id, kind, id FROM spaced
WHERE (customer_id IS NULL OR last_day IS NULL OR act_day - last_day > 30) AND (login IS NULL OR of_week <= 10)
