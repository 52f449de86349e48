-- fact: menu
-- about: "one row per session of the phone menu in which a person was asked for and the caller hung up there, never put through"
-- key: [session_id, day]
-- day: day
-- alone: session_id
-- needs: {s_ivr_log: 0}
SELECT session_id, _day AS day, any_value(ani_hash) AS ani_hash, min(ts) FILTER (node = 'ASK_PERSON') AS asked_at
FROM s_ivr_log GROUP BY session_id, _day HAVING bool_or(node = 'ASK_PERSON') AND bool_or(outcome = 'HANGUP')
