-- fact: notification
-- about: "one row per promised visit with what the customer heard from us about it, by call or message"
-- key: appointment_id
-- day: window_day
-- alone: appointment_id
-- needs:
--   f_appointment: 0
--   codes: whole
--   s_sms_gateway: {by: appointment_id, of: f_appointment, reach: [2, 2]}
-- lookup:
--   - {from: ids, by: {kind: id_kind, id: tech_badge}, take: {person: person, hired_on: hired_on}, day: promised_day}
--   - {from: customers, by: {customer_id: customer_id}, take: [segment, product, reachable, no_contact], day: promised_day}
--   - {from: desks, by: {area: area}, take: [desk]}
WITH messages AS (
  SELECT appointment_id, msg_id, min(ts) FILTER (status = 'SENT') AS sent, min(ts) FILTER (status = 'DELIVERED') AS delivered
  FROM s_sms_gateway WHERE template IN ('ON_MY_WAY', 'LATE_NOTE') GROUP BY appointment_id, msg_id
),
heard AS (
  SELECT appointment_id, coalesce(sent, delivered) AS sent, delivered AS reached FROM messages WHERE delivered IS NOT NULL
  UNION ALL
  SELECT appointment_id, unnest(calls), unnest(calls) FROM f_appointment
),
told AS (
  SELECT v.appointment_id,
    bool_or(h.sent BETWEEN v.arrived - INTERVAL 90 MINUTE AND v.arrived - INTERVAL 10 MINUTE AND h.sent >= coalesce(v.set_off, h.sent))
      AS on_my_way,
    bool_or(h.reached <= v.promised_end) AS warned
  FROM f_appointment v JOIN heard h USING (appointment_id) GROUP BY v.appointment_id
)
SELECT v.appointment_id, v.window_day, v.customer_id, v.tech_badge, v.id_kind, v.area, v.region, v.density, v.partner, v.job_type,
  v.promised_day, v.arrived_day, v.part_of_day, v.due, v.came, v.arrived IS NOT NULL AS attended, v.late, v.dispatch_caused,
  coalesce(t.on_my_way, false) AS on_my_way, coalesce(t.warned, false) AS warned,
  concat_ws('|', v.job_type, CASE WHEN a.code IS NULL THEN 'by hand' ELSE 'automatic' END) AS way_cell,
  concat_ws('|', v.density, CASE WHEN a.code IS NULL THEN 'by hand' ELSE 'automatic' END) AS warn_cell
FROM f_appointment v LEFT JOIN told t USING (appointment_id)
LEFT JOIN codes a ON a.list = 'auto_message_areas' AND a.code = v.area
