-- fact: contact
-- about: "one row per customer contact with a person, or that asked for one, over all channels"
-- key: contact_id
-- day: day
-- needs: {f_call: 0}
-- lookup:
--   - {from: ids, by: {kind: id_kind, id: agent}, take: {person: person, hired_on: hired_on}, day: started_day}
--   - {from: ids, by: {kind: id_kind, id: passing_agent}, take: {person: passing_person, hired_on: passing_hired_on}, day: started_day}
--   - {from: customers, by: {customer_id: customer_id}, take: [segment, product], day: started_day}
SELECT call_id AS contact_id, day, 'call' AS channel, started_day, queued_day, started_at, queue_entered, answered_at, ended,
  CASE WHEN started_hour BETWEEN 6 AND 11 THEN 'morning' WHEN started_hour BETWEEN 12 AND 16 THEN 'afternoon'
    WHEN started_hour BETWEEN 17 AND 21 THEN 'evening' ELSE 'night' END AS part_of_day,
  'login' AS id_kind, customer_id, asked, answered, call_back, queue, site, region, partner, first_agent AS agent,
  coalesce(passed_by, first_agent) AS passing_agent, passed_by IS NOT NULL AS passed, coalesce(handed_well, false) AS handed_well,
  reason_code, reason, coalesce(reason_code = 'TRNG', false) AS training, coalesce(reason_code = 'WRNG', false) AS wrong_number,
  handled_s / 60.0 AS handled_minutes, ended_at_once
FROM f_call
