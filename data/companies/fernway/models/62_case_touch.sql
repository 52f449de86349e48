-- fact: case_touch
-- about: "one row per closed case with the touches that it took: contacts, visits, hand-overs; automatic ones and notes left out"
-- key: case_id
-- day: day
-- alone: case_id
-- needs:
--   f_case: 0
--   s_crm_touches: {by: case_id, of: f_case}
-- lookup:
--   - {from: ids, by: {kind: id_kind, id: owner}, take: {person: person, hired_on: hired_on}, day: day}
WITH touches AS (
  SELECT case_id, count(*) AS touches, count(*) FILTER (kind = 'HANDOVER') AS hand_overs FROM s_crm_touches
  WHERE kind IN ('CALL', 'MAIL', 'MSG', 'VISIT', 'HANDOVER') AND NOT coalesce(auto, coalesce(login, 'system') LIKE 'system%')
  GROUP BY case_id
)
SELECT c.case_id, c.day, c.customer_id, c.owner, c.id_kind, c.theme, c.channel, c.closed_day, c.close_kind, c.needs_visit, c.area, c.density, c.region,
  c.segment, c.product, coalesce(t.touches, 0) AS touches, coalesce(t.hand_overs, 0) AS hand_overs, c.from_start
FROM f_case c LEFT JOIN touches t USING (case_id) WHERE c.closed_at IS NOT NULL
