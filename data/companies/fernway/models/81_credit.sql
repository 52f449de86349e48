-- fact: credit
-- about: "one row per broken promise that is owed a credit: a missed visit, a repair over two working days, a third problem in a year.
--   A fault that comes back is a new report with two working days of its own"
-- key: [kind, ref]
-- day: broken_day
-- needs:
--   f_appointment: [5, 35]
--   f_ticket: [45, 0]
--   f_problem: [2, 2]
--   s_billing_adjustments: [1, 16]
-- lookup:
--   - {from: customers, by: {customer_id: customer_id}, take: [segment, product, area, density, region]}
WITH broken AS (
  SELECT 'missed visit' AS kind, appointment_id AS ref, customer_id, promised_day AS broken_day FROM f_appointment WHERE due AND missed
  UNION ALL
  -- the day after the second working day
  SELECT 'late repair', ticket_id, customer_id, own_reported_day + [2, 2, 2, 4, 4, 3, 2][isodow(own_reported_day)] + 1 FROM f_ticket
  WHERE restored_day > own_reported_day + [2, 2, 2, 4, 4, 3, 2][isodow(own_reported_day)]
  UNION ALL
  SELECT 'third problem', CAST(case_id AS VARCHAR), customer_id, opened_day FROM f_problem WHERE is_third
),
credits AS (
  SELECT TRY_CAST(acct AS BIGINT) // 10 AS customer_id, CAST(adjdt AS DATE) AS paid_day, reason FROM s_billing_adjustments
  WHERE type = 'CRD' AND coalesce(sign, '+') <> '-'
),
paid AS (
  SELECT b.kind, b.ref, bool_or(c.reason <> 'CLAM') AS paid FROM broken b JOIN credits c ON c.customer_id = b.customer_id
    AND c.paid_day BETWEEN b.broken_day AND b.broken_day + 14
    AND (c.reason = CASE b.kind WHEN 'missed visit' THEN 'MAPT' WHEN 'late repair' THEN 'LREP' ELSE '3PRB' END OR c.reason = '9999')
  GROUP BY b.kind, b.ref
)
SELECT b.*, coalesce(p.paid, false) AS paid FROM broken b LEFT JOIN paid p USING (kind, ref) WHERE b.customer_id IS NOT NULL
