-- fact: resolution
-- about: "first contacts about an issue with what the customer said in the survey"
-- key: contact_id
-- day: day
-- alone: contact_id
-- needs:
--   f_issue: 0
--   s_survey_vendor: {by: {ref_id: contact_id}, of: f_issue}
-- optional:
--   s_survey_vendor: "invite_id VARCHAR, ref_id VARCHAR, q_solved BOOLEAN, answered_at TIMESTAMP, _day DATE"
-- lookup:
--   - {from: ids, by: {kind: id_kind, id: agent}, take: {person: person, hired_on: hired_on}, day: started_day}
--   - {from: customers, by: {customer_id: customer_id}, take: [segment, product, active_since], day: started_day}
WITH said AS (SELECT ref_id AS contact_id, bool_or(NOT q_solved) AS said_no FROM s_survey_vendor WHERE q_solved IS NOT NULL GROUP BY ref_id)
SELECT i.*, coalesce(s.said_no, false) AS said_no FROM f_issue i LEFT JOIN said s USING (contact_id) WHERE i.is_first
