-- fact: rework
-- about: "one row per job with the visits and faults that followed it at the same service and address, whoever came"
-- key: wo_no
-- day: day
-- alone: svc_id
-- needs:
--   f_job: [30, 30]
--   s_trouble_tickets: {by: {service_id: svc_id}, of: f_job, reach: [0, 31]}
-- optional:
--   s_trouble_tickets: "ticket_id VARCHAR, service_id VARCHAR, status VARCHAR, reported_at TIMESTAMP, fault_code VARCHAR, _day DATE"
-- lookup:
--   - {from: ids, by: {kind: id_kind, id: tech_id}, take: {person: person, hired_on: hired_on}, day: closed_day}
--   - {from: customers, by: {customer_id: customer_id}, take: [segment, product, active_since], day: closed_day}
WITH pairs AS (
  SELECT a.wo_no AS first_wo, b.wo_no AS next_wo, b.closed_day - a.closed_day AS days, a.job_type AS first_type, b.job_type AS next_type,
    a.close_code AS first_code, b.close_code AS next_code,
    a.fault_code IS NULL OR b.fault_code IS NULL OR a.fault_code = b.fault_code AS same_fault,
    row_number() OVER (PARTITION BY a.wo_no, a.close_code = 'STG2' AND b.job_type = 'install' ORDER BY b.closed_at, b.wo_no) AS place
  FROM f_job a JOIN f_job b ON b.svc_id = a.svc_id AND b.addr_id = a.addr_id AND b.wo_no <> a.wo_no
    AND (b.closed_at, b.wo_no) > (a.closed_at, a.wo_no) AND b.closed_day - a.closed_day <= 30
),
judged AS (
  SELECT *, first_code = 'STG2' AND next_type = 'install' AND place = 1 AS second_stage FROM pairs
),
followed AS (
  SELECT first_wo AS wo_no,
    min(days) FILTER (NOT second_stage AND coalesce(next_code, '') NOT IN ('NEWP', 'DMGO')) AS days_to_visit,
    min(days) FILTER (same_fault AND coalesce(next_code, '') NOT IN ('NEWP', 'DMGO') AND next_type = 'repair') AS days_to_same_fault
  FROM judged GROUP BY first_wo
),
preceded AS (
  SELECT next_wo AS wo_no, bool_or(second_stage) AS second_stage,
    bool_or(first_type = 'repair' AND next_type = 'repair' AND same_fault AND coalesce(first_code, '') NOT IN ('NACC', 'OUTN')) AS after_repair
  FROM judged GROUP BY next_wo
),
tickets AS (
  SELECT j.wo_no, min(date_sub('hour', j.closed_utc, t.reported_at)) // 24 AS days_to_ticket
  FROM f_job j JOIN s_trouble_tickets t ON t.service_id = j.svc_id AND t.reported_at > j.closed_utc
    AND t.reported_at <= j.closed_utc + INTERVAL 30 DAY AND t.status <> 'CANCELLED'
    AND (t.fault_code IS NULL OR j.fault_code IS NULL OR t.fault_code = j.fault_code)
  WHERE j.job_type = 'repair' GROUP BY j.wo_no
)
SELECT j.*, f.days_to_visit, coalesce(least(f.days_to_same_fault, t.days_to_ticket), f.days_to_same_fault, t.days_to_ticket) AS days_to_fault,
  j.job_type = 'install' AND coalesce(j.close_code, '') NOT IN ('NACC', 'PART', 'MORE', 'OUTN') AND NOT coalesce(p.second_stage, false)
    AS installed,
  j.job_type = 'repair' AND coalesce(j.close_code, '') NOT IN ('NACC', 'OUTN') AND NOT coalesce(p.after_repair, false) AS first_repair,
  coalesce(j.close_code, '') NOT IN ('PART', 'MORE') AS completed
FROM f_job j LEFT JOIN followed f USING (wo_no) LEFT JOIN preceded p USING (wo_no) LEFT JOIN tickets t USING (wo_no)
