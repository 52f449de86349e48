-- fact: install_order
-- about: "one row per order of a new service with its first promise and the visit planned for it"
-- key: order_no
-- day: day
-- alone: order_no
-- needs:
--   s_install_orders: 0
--   f_appointment: {by: customer_id, of: s_install_orders, reach: [3, 60]}
--   f_order_clock: {by: {day: promised_day}, reach: [1, 120]}
--   codes: whole
--   places: whole
-- optional:
--   f_appointment: "appointment_id VARCHAR, customer_id BIGINT, job_type VARCHAR, tech_badge VARCHAR, partner VARCHAR, area VARCHAR, region VARCHAR, density VARCHAR, promised_day DATE, window_day DATE"
-- lookup:
--   - {from: ids, by: {kind: id_kind, id: tech_badge}, take: {person: person, hired_on: hired_on}, day: promised_day}
--   - {from: customers, by: {customer_id: customer_id}, day: promised_day,
--      take: {segment: segment, area: home_area, density: home_density, region: home_region}}
WITH orders AS (
  SELECT o.*, TRY_CAST(o.promised_dates[1] AS DATE) AS promised_day FROM s_install_orders o
),
planned AS (
  SELECT o.order_no, arg_min(v.appointment_id, (abs(v.promised_day - o.promised_day), v.appointment_id)) AS appointment_id
  FROM orders o JOIN f_appointment v ON v.customer_id = o.customer_id AND v.job_type = 'install'
    AND v.promised_day >= CAST(o.created_at AS DATE)
  GROUP BY o.order_no
)
SELECT o.order_no, o._day AS day, o.customer_id, o.promised_day, v.tech_badge, 'badge' AS id_kind, v.partner, v.area, v.region, v.density,
  pr.value AS product, ch.value AS channel, 'install' AS job_type, o.civil_works,
  -- local day of the address; where no visit tells the address, as created_at was said in the order
  CAST(to_local(o.completed_at, coalesce(z.zone, 'UTC')) AS DATE) AS completed_day,
  o.status <> 'CANCELLED' AND coalesce(o.later_asked_by, '') <> 'CUSTOMER' AND c.day IS NOT NULL AS due,
  concat_ws('|', pr.value, CASE WHEN o.civil_works THEN 'civil works' ELSE 'no works' END) AS mix_cell
FROM orders o LEFT JOIN planned p USING (order_no) LEFT JOIN f_appointment v ON v.appointment_id = p.appointment_id
LEFT JOIN f_order_clock c ON c.day = o.promised_day
LEFT JOIN places z ON z.area = v.area
LEFT JOIN codes pr ON pr.list = 'product' AND pr.code = o.product_code
LEFT JOIN codes ch ON ch.list = 'channel' AND ch.code = o.channel
