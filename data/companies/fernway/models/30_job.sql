-- fact: job
-- about: "one row per work order: who closed it, when, where, and what it was"
-- key: wo_no
-- day: day
-- alone: wo_no
-- needs:
--   s_work_orders: 0
--   f_appointment: {by: {work_order_no: wo_no}, of: s_work_orders, reach: [40, 3]}
--   codes: whole
--   settings: whole
-- optional:
--   f_appointment: "appointment_id VARCHAR, work_order_no VARCHAR, customer_id BIGINT, area VARCHAR, region VARCHAR, density VARCHAR, zone VARCHAR, window_day DATE"
WITH leads AS (
  SELECT *, row_number() OVER (PARTITION BY wo_no ORDER BY line) AS place FROM s_work_orders WHERE close_dt IS NOT NULL
),
visits AS (
  SELECT work_order_no, any_value(customer_id) AS customer_id, any_value(area) AS area, any_value(region) AS region,
    any_value(density) AS density, any_value(zone) AS zone
  FROM f_appointment WHERE work_order_no IS NOT NULL GROUP BY work_order_no
)
SELECT w.wo_no, w._day AS day, CAST(w.close_dt AS DATE) AS closed_day, w.close_dt AS closed_at, w.open_dt AS opened_at,
  to_utc(w.close_dt, coalesce(v.zone, (SELECT value FROM settings WHERE key = 'head_office_zone'))) AS closed_utc, w.ord_no, w.svc_id,
  w.addr_id, w.tech_id, 'badge' AS id_kind, partner.value AS partner, w.close_code, w.fault_code, j.value AS job_type, f.value AS fault_type,
  v.customer_id, v.area, v.region, v.density,
  CASE WHEN hour(w.close_dt) BETWEEN 6 AND 11 THEN 'morning' WHEN hour(w.close_dt) BETWEEN 12 AND 16 THEN 'afternoon'
    WHEN hour(w.close_dt) BETWEEN 17 AND 21 THEN 'evening' ELSE 'night' END AS part_of_day
FROM leads w LEFT JOIN visits v ON v.work_order_no = w.wo_no
LEFT JOIN codes j ON j.list = 'job_type' AND j.code = w.jobtype
LEFT JOIN codes f ON f.list = 'fault_type' AND f.code = w.fault_code
LEFT JOIN codes partner ON partner.list = 'partner' AND partner.code = left(w.tech_id, 3)
WHERE w.place = 1
