-- fact: appointment
-- about: "one row per visit with the window as promised, arrival, what became of it, who was to come"
-- key: appointment_id
-- day: window_day
-- needs:
--   s_fsm_appointments: 0
--   l_fsm_appointments: {by: appointment_id, of: s_fsm_appointments, reach: [60, 60]}
--   s_tech_mobile_events: {by: appointment_id, of: s_fsm_appointments, reach: [2, 2]}
--   s_parts_logistics: {by: {wo: work_order_no}, of: s_fsm_appointments, reach: [20, 3]}
--   f_outage_day: [1, 1]
--   visit_clock: dated
--   places: whole
--   codes: whole
--   settings: whole
-- optional:
--   s_tech_mobile_events: "event_id VARCHAR, appointment_id VARCHAR, event VARCHAR, ts_device TIMESTAMP, ts_server TIMESTAMP, _day DATE"
--   s_parts_logistics: "wo VARCHAR, qty INTEGER, req_ts TIMESTAMP, recv_ts TIMESTAMP, _day DATE"
--   f_outage_day: "area_code VARCHAR, day DATE, outage BOOLEAN"
-- lookup:
--   - {from: ids, by: {kind: id_kind, id: tech_badge}, take: {person: person, hired_on: hired_on}, day: promised_day}
--   - {from: customers, by: {customer_id: customer_id}, take: [segment, product, reachable, no_contact], day: promised_day}
--   - {from: desks, by: {area: area}, take: [desk]}
WITH history AS (
  SELECT l.appointment_id, l.lsn, l.changed_at, l.window_start, l.window_end, l.window_agreed_at, l.moved_by, l.tech_badge, l.sched_start, l.status,
    lag(l.window_start) OVER w AS was_start, lag(l.window_end) OVER w AS was_end, lag(l.tech_badge) OVER w AS was_badge,
    lag(l.sched_start) OVER w AS was_sched, row_number() OVER w AS place
  FROM l_fsm_appointments l WHERE l.op <> 'D' AND l.window_start IS NOT NULL
  WINDOW w AS (PARTITION BY l.appointment_id ORDER BY l.lsn)
),
-- every window in order, of visits that were moved; a window that the customer agreed to replaces the promise, one that we moved only
-- 24 hours before it
windows AS (
  SELECT appointment_id, list({'moved_at': changed_at, 'starts': window_start, 'ends': window_end, 'by_customer': moved_by = 'CUSTOMER',
    'asked_late': place > 1 AND moved_by = 'CUSTOMER' AND coalesce(window_agreed_at, changed_at) > window_start - INTERVAL 24 HOUR}
    ORDER BY lsn) AS list
  FROM history SEMI JOIN (SELECT appointment_id FROM history WHERE window_start <> was_start OR window_end <> was_end) USING (appointment_id)
  WHERE place = 1 OR window_start <> was_start OR window_end <> was_end
  GROUP BY appointment_id
),
promises AS (
  SELECT appointment_id, list_reduce(list, lambda held, new:
    CASE WHEN new.by_customer OR new.moved_at <= held.starts - INTERVAL 24 HOUR THEN new ELSE held END) AS promise
  FROM windows
),
routes AS (
  SELECT h.appointment_id, bool_or(to_local(h.changed_at, z.zone)
      >= CAST(CAST(to_local(coalesce(p.promise.starts, s.window_start), z.zone) AS DATE) AS TIMESTAMP) + INTERVAL 6 HOUR
    AND h.changed_at < coalesce(p.promise.ends, s.window_end)) AS changed_on_day
  FROM history h JOIN s_fsm_appointments s ON s.appointment_id = h.appointment_id JOIN places z ON z.area_code = s.area_code
  LEFT JOIN promises p ON p.appointment_id = h.appointment_id
  -- what is set right when the technician is sent off is no change of the route
  WHERE h.place > 1 AND h.status = 'BOOKED' AND (h.tech_badge <> h.was_badge OR h.sched_start <> h.was_sched)
  GROUP BY h.appointment_id
),
-- taps are asked only for what the visit does not say itself
taps AS (
  SELECT e.appointment_id, e.event,
    (CASE WHEN abs(date_diff('second', to_utc(e.ts_device, z.zone), e.ts_server)) > 600 THEN e.ts_server ELSE to_utc(e.ts_device, z.zone) END) AS tapped_at
  FROM s_tech_mobile_events e JOIN s_fsm_appointments s ON s.appointment_id = e.appointment_id JOIN places z ON z.area_code = s.area_code
  WHERE e.event = 'CALLED_AHEAD' OR (e.event = 'ENROUTE' AND s.enroute_at IS NULL)
    OR (e.event IN ('ARRIVED', 'STARTED') AND (s.arrived_at IS NULL OR s.arrived_at < s.dispatched_at))
),
tapped AS (
  SELECT appointment_id, min(tapped_at) FILTER (event = 'ENROUTE') AS enroute, min(tapped_at) FILTER (event = 'ARRIVED') AS arrived,
    min(tapped_at) FILTER (event = 'STARTED') AS started, list(DISTINCT tapped_at ORDER BY tapped_at) FILTER (event = 'CALLED_AHEAD') AS calls
  FROM taps GROUP BY appointment_id
),
visits AS (
  SELECT s.*, s._day AS window_day, z.area, z.region, z.density, z.zone,
    coalesce(p.promise.starts, s.window_start) AS promised_start, coalesce(p.promise.ends, s.window_end) AS promised_end,
    coalesce(p.promise.asked_late, false) AS asked_late, coalesce(r.changed_on_day, false) AS route_changed,
    coalesce(t.calls, []) AS calls, coalesce(s.enroute_at, t.enroute) AS set_off,
    CASE WHEN s.arrived_at IS NOT NULL AND (s.dispatched_at IS NULL OR s.arrived_at >= s.dispatched_at) THEN s.arrived_at
      ELSE coalesce(t.arrived, t.started, s.arrived_at) END AS arrived
  FROM s_fsm_appointments s LEFT JOIN places z ON z.area_code = s.area_code
  LEFT JOIN promises p ON p.appointment_id = s.appointment_id LEFT JOIN routes r ON r.appointment_id = s.appointment_id
  LEFT JOIN tapped t ON t.appointment_id = s.appointment_id
),
judged AS (
  SELECT v.*, to_local(promised_start, zone) AS start_local, to_local(promised_end, zone) AS end_local,
    to_local(arrived, zone) AS arrived_local,
    coalesce(promised_end <= c.until, false) AS ended,
    status = 'CANCELLED' AND cancel_by = 'COMPANY' AND cancel_reason IN ('WEATHER STOP', 'SAFETY STOP') AS stopped,
    CASE WHEN status = 'CANCELLED' THEN changed_at END AS cancelled
  FROM visits v LEFT JOIN visit_clock c ON c.day = CAST(v.promised_end AS DATE)
),
counted AS (
  SELECT *,
    status = 'CANCELLED' AND cancel_by = 'CUSTOMER' AS by_customer,
    status = 'CANCELLED' AND coalesce(cancel_by, 'COMPANY') = 'COMPANY' AND NOT stopped AS by_us,
    coalesce(cancelled > promised_start - INTERVAL 24 HOUR, false) AS cancelled_late,
    -- customer not at home counts as a visit when somebody stayed ten minutes and tried to call
    status = 'CNA' AND arrived IS NOT NULL AND coalesce(finished_at, arrived) >= arrived + INTERVAL 10 MINUTE AND len(calls) > 0
      AS nobody_home,
    status NOT IN ('CANCELLED', 'NOSHOW') AND (arrived IS NOT NULL OR status IN ('DONE', 'ONSITE', 'CNA')) AS came
  FROM judged
),
facts AS (
SELECT appointment_id, window_day, finished_at, work_order_no, customer_id, tech_badge, 'badge' AS id_kind, area_code, area, region, density, zone,
  j.value AS job_type, status,
  CAST(start_local AS DATE) AS start_day, CAST(end_local AS DATE) AS promised_day, CAST(arrived_local AS DATE) AS arrived_day,
  promised_start, promised_end, arrived, set_off, calls,
  CASE WHEN hour(start_local) BETWEEN 6 AND 11 THEN 'morning' WHEN hour(start_local) BETWEEN 12 AND 16 THEN 'afternoon'
    WHEN hour(start_local) BETWEEN 17 AND 21 THEN 'evening' ELSE 'night' END AS part_of_day,
  CASE WHEN date_sub('minute', promised_start, promised_end) > 150 THEN 'long' ELSE 'short' END AS window_length,
  partner.value AS partner, stopped, came, ended, nobody_home,
  -- promised: counts as a promise at all; due: and its window has ended and it is known whether somebody came
  NOT (by_customer AND coalesce(cancelled < promised_start, false)) AND NOT asked_late AND NOT stopped
    AND NOT (by_us AND NOT cancelled_late) AS promised,
  ended AND NOT (by_customer AND coalesce(cancelled < promised_start, false)) AND NOT asked_late AND NOT stopped
    AND NOT (by_us AND NOT cancelled_late) AND NOT (came AND arrived IS NULL) AS due,
  coalesce(CASE WHEN came THEN arrived > promised_end ELSE true END, false) AS late,
  CASE WHEN came AND arrived > promised_end THEN date_sub('minute', promised_end, arrived) END AS minutes_late,
  coalesce(came AND arrived < promised_start - INTERVAL 10 MINUTE, false) AS early,
  -- missed: nobody on the promised day, or called off by us with less than a day to go
  CASE WHEN by_us THEN cancelled_late WHEN came AND status <> 'CNA' THEN CAST(arrived_local AS DATE) > CAST(end_local AS DATE)
    WHEN status = 'CNA' THEN NOT nobody_home ELSE true END AS missed,
  NOT came AND route_changed AS dispatch_caused, route_changed
FROM counted LEFT JOIN codes j ON j.list = 'job_type' AND j.code = job_type
LEFT JOIN codes partner ON partner.list = 'partner' AND partner.code = left(tech_badge, 3)
),
-- a part asked for before the promised window ended that came only when the window had begun. Times are the warehouse's
late_parts AS (
  SELECT f.appointment_id, true AS part_came_late
  FROM facts f JOIN s_parts_logistics p ON p.wo = f.work_order_no AND p.qty > 0
  CROSS JOIN (SELECT value AS zone FROM settings WHERE key = 'head_office_zone') house
  WHERE to_utc(p.req_ts, house.zone) < f.promised_end AND to_utc(p.recv_ts, house.zone) BETWEEN f.promised_start AND f.arrived
  GROUP BY f.appointment_id
),
storms AS (SELECT DISTINCT region, window_day FROM facts WHERE stopped),
-- the visit before, on routes where somebody came late
before AS (
  SELECT f.appointment_id,
    lag(f.finished_at) OVER (PARTITION BY f.tech_badge, f.window_day ORDER BY coalesce(f.arrived, f.promised_start), f.appointment_id) AS finished
  FROM facts f SEMI JOIN facts l ON l.minutes_late IS NOT NULL AND l.window_day = f.window_day AND l.tech_badge IS NOT DISTINCT FROM f.tech_badge
),
conditions AS (
  SELECT f.*, s.window_day IS NOT NULL AS storm, coalesce(o.outage, false) AS outage,
    -- the drive as it was; where nobody came, as it usually is there
    CASE WHEN arrived > set_off THEN date_sub('minute', set_off, arrived)
      ELSE CASE density WHEN 'remote' THEN 48 WHEN 'rural' THEN 32 ELSE 18 END END AS drive_minutes
  FROM facts f LEFT JOIN storms s ON s.window_day = f.window_day AND s.region IS NOT DISTINCT FROM f.region
  LEFT JOIN f_outage_day o ON o.area_code = f.area_code AND o.day = f.promised_day
)
-- why late: the route was changed on the day, the weather, a part was not there, the job before ran over, or the own start
SELECT f.* EXCLUDE (area_code, promised_start, window_length, stopped, nobody_home, route_changed, storm, drive_minutes),
  CASE WHEN f.storm OR f.outage THEN 'storm or outage' ELSE concat_ws('|', CASE WHEN job_type IN ('install', 'repair') THEN job_type ELSE 'other' END,
    density, window_length, CASE WHEN part_of_day = 'morning' THEN 'morning' ELSE 'later' END,
    CASE WHEN f.drive_minutes < 25 THEN 'near' WHEN f.drive_minutes < 40 THEN 'middle' ELSE 'far' END) END AS mix_cell,
  CASE WHEN NOT f.late THEN NULL WHEN f.route_changed THEN 'dispatch_change' WHEN f.storm THEN 'weather'
    WHEN NOT f.came OR f.arrived IS NULL THEN NULL
    WHEN p.part_came_late THEN 'parts'
    WHEN b.finished + (f.arrived - coalesce(f.set_off, f.arrived)) >= f.promised_end THEN 'job_before'
    ELSE 'own_start' END AS cause
FROM conditions f LEFT JOIN before b USING (appointment_id) LEFT JOIN late_parts p USING (appointment_id)
