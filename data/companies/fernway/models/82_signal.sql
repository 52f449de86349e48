-- fact: signal
-- about: "one row per customer, day and sign of being unhappy; ten signs"
-- key: [signal, ref]
-- day: day
-- alone: customer_id
-- needs:
--   f_problem: {by: customer_id, reach: 0, where: opened_day - before_1 <= 30}
--   f_appointment: {by: customer_id, reach: 0, where: "due AND (missed OR coalesce(minutes_late > 60, false))"}
--   f_rework: {by: customer_id, reach: 0, where: days_to_visit IS NOT NULL}
--   f_survey: {by: customer_id, reach: 0, where: satisfied <= 2 AND in_time AND NOT staff_household}
--   f_case_touch: {by: customer_id, reach: 0, where: hand_overs >= 3}
--   f_case: {by: customer_id, reach: 0, where: "coalesce(closed_day, changed_day) - opened_day > 7"}
--   f_promise: {by: customer_id, reach: 0, where: due AND NOT kept AND NOT cancelled}
--   f_ticket: {by: customer_id, reach: [30, 0], where: fault_type = 'no_signal' AND restored_at > reported_at AND NOT reopened}
--   f_change: {by: customer_id, reach: 0, where: change <= -2 AND after_score > 2}
--   f_theme: {by: customer_id, reach: 0, where: theme = 'leaving'}
--   s_billing_adjustments: {by: {TRY_CAST(acct AS BIGINT) // 10: customer_id}, reach: 0,
--     where: "coalesce(sign, '+') <> '-' AND (type = 'DSP' OR (type = 'CRD' AND reason = 'CLAM'))"}
--   claims: {table: s_billing_adjustments, by: acct, of: s_billing_adjustments, reach: [90, 0], where: type = 'CRD' AND reason = 'CLAM'}
--   f_contact: {by: customer_id, reach: [7, 0], where: asked AND (channel <> 'call' OR NOT answered) AND NOT ended_at_once}
WITH again AS (
  SELECT a.acct, a.seq FROM s_billing_adjustments a SEMI JOIN claims b ON b.acct = a.acct AND b.adjdt < a.adjdt AND b.adjdt >= a.adjdt - 90
  WHERE a.type = 'CRD'
),
found AS (
  SELECT 'two_problems' AS signal, CAST(case_id AS VARCHAR) AS ref, day, customer_id, opened_day AS signal_day, owner AS login FROM f_problem
  UNION ALL
  SELECT 'late_or_missed', appointment_id, window_day, customer_id, promised_day, NULL FROM f_appointment
  UNION ALL
  SELECT 'second_visit', wo_no, day, customer_id, closed_day + CAST(days_to_visit AS INTEGER), NULL FROM f_rework
  UNION ALL
  SELECT 'low_answer', invite_id, day, customer_id, CAST(answered_at AS DATE), NULL FROM f_survey
  UNION ALL
  SELECT 'low_answer', invite_id, day, customer_id, answered_day, NULL FROM f_change
  UNION ALL
  SELECT 'long_case', CAST(case_id AS VARCHAR), day, customer_id, opened_day + 7, owner FROM f_case
  UNION ALL
  SELECT 'long_case', case_id || 'h', day, customer_id, closed_day, owner FROM f_case_touch
  UNION ALL
  SELECT 'promise_missed', CAST(task_id AS VARCHAR), day, customer_id, due_day, login FROM f_promise
  UNION ALL
  SELECT 'long_outage', ticket_id, day, customer_id, reported_day, NULL FROM (
    SELECT *, sum(date_sub('second', reported_at, restored_at)) OVER (
      PARTITION BY customer_id ORDER BY day RANGE BETWEEN INTERVAL 30 DAY PRECEDING AND CURRENT ROW) AS seconds
    FROM f_ticket)
  WHERE seconds > 8 * 3600
  UNION ALL
  SELECT 'asked_to_leave', contact_id, day, customer_id, started_day, NULL FROM f_theme
  UNION ALL
  SELECT 'bill_dispute', acct || '-' || seq || '-' || type, _day, TRY_CAST(acct AS BIGINT) // 10, CAST(adjdt AS DATE), NULL
  FROM s_billing_adjustments WHERE type = 'DSP' OR (acct, seq) IN (FROM again)
  UNION ALL
  SELECT 'gave_up_twice', contact_id, day, customer_id, started_day, NULL FROM (
    SELECT *, count(*) OVER (PARTITION BY customer_id, channel = 'call' ORDER BY started_at RANGE BETWEEN INTERVAL 7 DAY PRECEDING AND CURRENT ROW)
      AS times
    FROM f_contact WHERE customer_id IS NOT NULL)
  WHERE times >= CASE WHEN channel = 'call' THEN 2 ELSE 3 END
)
SELECT signal, ref, day, customer_id, signal_day, login, 'login' AS id_kind FROM found
WHERE customer_id IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY signal, customer_id, day, signal_day ORDER BY ref) = 1
