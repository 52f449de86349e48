-- fact: screen
-- about: "one row per contact of our own people with what their screen showed: the customer's card, approvals asked for"
-- key: contact_id
-- day: day
-- needs: {f_contact: 0, s_agent_desktop: [1, 1], codes: whole}
-- lookup:
--   - {from: ids, by: {kind: id_kind, id: agent}, take: {person: person, hired_on: hired_on}, day: started_day}
--   - {from: customers, by: {customer_id: customer_id}, take: [segment, product, active_since], day: started_day}
WITH own AS (SELECT * FROM f_contact WHERE answered AND partner IS NULL AND agent IS NOT NULL AND NOT training),
-- cards that were closed again within five seconds, by the next thing on the same screen
glances AS (
  SELECT o.session_id, o.seq FROM s_agent_desktop o JOIN s_agent_desktop c ON c.session_id = o.session_id AND c.seq > o.seq
    AND c.ts < o.ts + INTERVAL 5 SECOND
  WHERE o.event = 'CARD_OPEN' AND c.event = 'CARD_CLOSE' AND NOT EXISTS (
    SELECT 1 FROM s_agent_desktop b WHERE b.session_id = o.session_id AND b.seq > o.seq AND b.seq < c.seq)
),
events AS (
  SELECT login, contact_ref, event, ts, approval_rule FROM s_agent_desktop ANTI JOIN glances USING (session_id, seq)
  WHERE event = 'CARD_OPEN' OR (event = 'APPROVAL_ASK' AND coalesce(approval_rule, '') NOT IN ('FRAUD_CHECK', 'SAFETY_CHECK'))
),
-- an event without the contact's number belongs to the contact that its agent was in
placed AS (
  SELECT c.contact_id, c.answered_at, e.* FROM events e JOIN own c ON c.contact_id = e.contact_ref
  UNION ALL
  SELECT c.contact_id, c.answered_at, e.* FROM events e
  JOIN own c ON c.agent = e.login AND e.ts BETWEEN c.answered_at - INTERVAL 10 SECOND AND c.ended + INTERVAL 10 SECOND
  WHERE e.contact_ref IS NULL
),
-- a day on which an agent's cards came up slowly is the tool's: usually more than a second and a half
slow AS (
  SELECT login, CAST(ts AS DATE) AS day, median(load_ms) > 1500 AS slow_cards FROM s_agent_desktop WHERE event = 'CARD_OPEN'
  GROUP BY login, CAST(ts AS DATE)
),
seen AS (
  SELECT contact_id,
    -- in view within the first minute (desktop clocks drift by seconds)
    bool_or(event = 'CARD_OPEN' AND ts BETWEEN answered_at - INTERVAL 10 SECOND AND answered_at + INTERVAL 60 SECOND) AS card,
    arg_min(approval_rule, ts) FILTER (event = 'APPROVAL_ASK') AS rule_code,
    bool_or(event = 'APPROVAL_ASK') AS asked_for_approval
  FROM placed GROUP BY contact_id
)
SELECT c.contact_id, c.day, c.started_day, c.channel, c.queue, c.reason, c.part_of_day, c.reason_group, c.care_cell, c.from_home, c.customer_id, c.agent, c.id_kind,
  c.site, c.region, c.identified, coalesce(s.card, false) AS card, coalesce(s.asked_for_approval, false) AS approval,
  r.value AS approval_rule, coalesce(w.slow_cards, false) AS slow_cards
FROM own c LEFT JOIN seen s USING (contact_id) LEFT JOIN slow w ON w.login = c.agent AND w.day = CAST(c.answered_at AS DATE) LEFT JOIN codes r ON r.list = 'approval_rule' AND r.code = s.rule_code
