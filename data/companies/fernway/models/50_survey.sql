-- fact: survey
-- about: "one row per answered invitation with the visit or contact that it is about"
-- key: invite_id
-- day: day
-- alone: invite_id
-- needs:
--   s_survey_vendor: {reach: 0, where: answered_at IS NOT NULL}
--   f_appointment: {by: {appointment_id: ref_id}, of: s_survey_vendor}
--   f_contact: {by: {contact_id: ref_id}, of: s_survey_vendor}
--   s_crm_cases: {by: {case_id: "TRY_CAST(ref_id AS BIGINT)"}, of: s_survey_vendor}
--   settings: whole
-- optional:
--   f_appointment: "appointment_id VARCHAR, arrived_day DATE, promised_day DATE, tech_badge VARCHAR, customer_id BIGINT, partner VARCHAR, area VARCHAR, region VARCHAR, density VARCHAR, job_type VARCHAR, part_of_day VARCHAR, window_day DATE"
--   f_contact: "contact_id VARCHAR, started_day DATE, agent VARCHAR, customer_id BIGINT, partner VARCHAR, site VARCHAR, region VARCHAR, channel VARCHAR, reason VARCHAR, reason_group VARCHAR, part_of_day VARCHAR, day DATE"
--   s_crm_cases: "case_id BIGINT, customer_id BIGINT, _day DATE"
-- lookup:
--   - {from: ids, by: {kind: id_kind, id: worker}, take: {person: person, hired_on: hired_on}, day: service_day}
--   - {from: customers, by: {customer_id: customer_id}, take: {segment: segment, product: product, density: home_density}, day: service_day}
WITH answers AS (
  SELECT *,
    -- the scale of the Portuguese form ran from 5 to 1 until May 2026
    CASE WHEN invite_id LIKE 'SV-PT-%' AND answered_at < TIMESTAMP '2026-05-12' THEN 6 - q_satisfied ELSE q_satisfied END AS satisfied,
    answered_at <= sent_at + INTERVAL 14 DAY AS in_time
  FROM s_survey_vendor
)
SELECT s.invite_id, s._day AS day, s.kind, s.ref_type, s.ref_id, s.satisfied, s.q_easy AS easy, s.q_solved AS solved, s.sent_at, s.answered_at,
  coalesce(s.in_time, false) AS in_time, coalesce(s.staff_household, false) AS staff_household,
  coalesce(v.arrived_day, v.promised_day, c.started_day,
    CAST(to_local(s.sent_at, (SELECT value FROM settings WHERE key = 'head_office_zone')) AS DATE)) AS service_day,
  CASE WHEN v.appointment_id IS NOT NULL THEN 'badge' ELSE 'login' END AS id_kind, coalesce(v.tech_badge, c.agent) AS worker,
  coalesce(v.customer_id, c.customer_id, k.customer_id, CASE WHEN s.ref_type = 'CUST' THEN TRY_CAST(s.ref_id AS BIGINT) END) AS customer_id, coalesce(v.partner, c.partner) AS partner, v.area, c.site,
  coalesce(v.region, c.region) AS region, v.density, v.job_type, c.channel, c.reason, c.reason_group, coalesce(v.part_of_day, c.part_of_day) AS part_of_day,
  CASE s.kind WHEN 'VISIT' THEN 'visit' WHEN 'CONTACT' THEN 'contact' ELSE lower(s.kind) END AS about
FROM answers s LEFT JOIN f_appointment v ON v.appointment_id = s.ref_id LEFT JOIN f_contact c ON c.contact_id = s.ref_id
LEFT JOIN s_crm_cases k ON s.ref_type = 'CASE' AND k.case_id = TRY_CAST(s.ref_id AS BIGINT)
