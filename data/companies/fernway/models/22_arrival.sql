-- fact: arrival
-- about: "one row per attended visit: whether the arrival was tapped within 200 m of where the work was done, or a van stood there then.
--   No position and no van leaves this model, one flag a visit; no source says where an address lies, the work taps of the visit do"
-- key: appointment_id
-- day: window_day
-- alone: appointment_id
-- needs:
--   f_appointment: 0
--   s_tech_mobile_events: {by: appointment_id, of: f_appointment, reach: [2, 2]}
--   s_vehicle_gps: [1, 1]
-- optional:
--   s_vehicle_gps: "vehicle_id VARCHAR, ts TIMESTAMP, lat DOUBLE, lon DOUBLE, speed_kmh DOUBLE, _day DATE"
WITH taps AS (
  SELECT appointment_id, median(lat) FILTER (event IN ('STARTED', 'DONE', 'CUSTOMER_ABSENT')) AS lat,
    median(lon) FILTER (event IN ('STARTED', 'DONE', 'CUSTOMER_ABSENT')) AS lon,
    arg_min(lat, (ts_server, event_id)) FILTER (event = 'ARRIVED') AS tap_lat, arg_min(lon, (ts_server, event_id)) FILTER (event = 'ARRIVED') AS tap_lon
  FROM s_tech_mobile_events WHERE lat IS NOT NULL AND lon IS NOT NULL GROUP BY appointment_id
),
visits AS (
  SELECT v.appointment_id, v.window_day, v.promised_day, v.area, v.region, v.arrived, t.lat, t.lon, t.tap_lat IS NOT NULL AS tapped,
    111200 * sqrt((t.tap_lat - t.lat) ** 2 + ((t.tap_lon - t.lon) * cos(radians(t.lat))) ** 2) AS metres
  FROM f_appointment v LEFT JOIN taps t USING (appointment_id) WHERE v.came AND v.arrived IS NOT NULL
),
-- where the tap does not tell; squares of some 300 m, so that only neighbours are measured
standing AS (
  SELECT ts, lat, lon, CAST(floor(lat * 400) AS INTEGER) AS y, CAST(floor(lon * 250) AS INTEGER) AS x FROM s_vehicle_gps
  WHERE coalesce(speed_kmh, 0) < 5
),
squares AS (
  SELECT appointment_id, lat, lon, arrived, CAST(floor(lat * 400) AS INTEGER) + dy AS y, CAST(floor(lon * 250) AS INTEGER) + dx AS x
  FROM visits, unnest([-1, 0, 1]) AS a(dy), unnest([-1, 0, 1]) AS b(dx) WHERE lat IS NOT NULL AND NOT coalesce(metres <= 200, false)
),
vans AS (
  SELECT DISTINCT q.appointment_id FROM squares q JOIN standing s ON s.y = q.y AND s.x = q.x
  WHERE s.ts BETWEEN q.arrived - INTERVAL 10 MINUTE AND q.arrived + INTERVAL 20 MINUTE
    AND 111200 * sqrt((s.lat - q.lat) ** 2 + ((s.lon - q.lon) * cos(radians(q.lat))) ** 2) <= 200
)
SELECT v.appointment_id, v.window_day, v.promised_day, v.area, v.region, v.tapped, coalesce(v.metres > 200, false) AS tapped_far,
  coalesce(v.metres <= 200, false) OR n.appointment_id IS NOT NULL AS confirmed
FROM visits v LEFT JOIN vans n USING (appointment_id)
