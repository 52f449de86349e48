-- fact: signal
-- about: "one row per customer, day and sign of being unhappy; ten signs"
-- key: [signal, ref]
-- day: day
-- needs:
--   f_problem: 0
--   f_appointment: 0
--   f_rework: 0
--   f_survey: 0
--   f_case_touch: 0
--   f_case: 0
--   f_promise: 0
--   f_ticket: [30, 0]
--   f_change: 0
--   f_theme: 0
--   s_billing_adjustments: 0
--   claims: {table: s_billing_adjustments, by: acct, of: s_billing_adjustments, reach: [90, 0]}
--   f_contact: [7, 0]
WITH found AS (
  SELECT 'two_problems' AS signal, CAST(case_id AS VARCHAR) AS ref, day, customer_id, opened_day AS signal_day, owner AS login FROM f_problem
  WHERE opened_day - before_1 <= 30
  UNION ALL
  SELECT 'late_or_missed', appointment_id, window_day, customer_id, promised_day, NULL FROM f_appointment
  WHERE due AND (missed OR coalesce(minutes_late > 60, false))
  UNION ALL
  SELECT 'second_visit', wo_no, day, customer_id, closed_day + CAST(days_to_visit AS INTEGER), NULL FROM f_rework WHERE days_to_visit IS NOT NULL
  UNION ALL
  SELECT 'low_answer', invite_id, day, customer_id, CAST(answered_at AS DATE), NULL FROM f_survey
  WHERE satisfied <= 2 AND in_time AND NOT staff_household
  UNION ALL
  SELECT 'low_answer', invite_id, day, customer_id, answered_day, NULL FROM f_change WHERE change <= -2 AND after_score > 2
  UNION ALL
  SELECT 'long_case', CAST(c.case_id AS VARCHAR), c.day, c.customer_id, c.opened_day + 7, c.owner FROM f_case c
  WHERE coalesce(c.closed_day, c.changed_day) - c.opened_day > 7
  UNION ALL
  SELECT 'long_case', t.case_id || 'h', t.day, t.customer_id, t.closed_day, t.owner FROM f_case_touch t WHERE t.hand_overs >= 3
  UNION ALL
  SELECT 'promise_missed', CAST(task_id AS VARCHAR), day, customer_id, due_day, login FROM f_promise WHERE due AND NOT kept AND NOT cancelled
  UNION ALL
  SELECT 'long_outage', ticket_id, day, customer_id, reported_day, NULL FROM (
    SELECT *, sum(date_sub('second', reported_at, restored_at)) OVER (
      PARTITION BY customer_id ORDER BY day RANGE BETWEEN INTERVAL 30 DAY PRECEDING AND CURRENT ROW) AS seconds
    FROM f_ticket WHERE fault_type = 'no_signal' AND restored_at > reported_at AND NOT reopened)
  WHERE seconds > 8 * 3600
  UNION ALL
  SELECT 'asked_to_leave', contact_id, day, customer_id, started_day, NULL FROM f_theme WHERE theme = 'leaving'
  UNION ALL
  SELECT 'bill_dispute', a.acct || '-' || a.seq || '-' || a.type, a._day, TRY_CAST(a.acct AS BIGINT) // 10, CAST(a.adjdt AS DATE), NULL
  FROM s_billing_adjustments a WHERE coalesce(a.sign, '+') <> '-' AND (a.type = 'DSP' OR (a.type = 'CRD' AND a.reason = 'CLAM' AND EXISTS (
    SELECT 1 FROM claims b WHERE b.acct = a.acct AND b.type = 'CRD' AND b.reason = 'CLAM' AND b.adjdt < a.adjdt AND b.adjdt >= a.adjdt - 90)))
  UNION ALL
  SELECT 'gave_up_twice', contact_id, day, customer_id, started_day, NULL FROM (
    SELECT *, count(*) OVER (PARTITION BY customer_id, channel = 'call' ORDER BY started_at RANGE BETWEEN INTERVAL 7 DAY PRECEDING AND CURRENT ROW)
      AS times
    FROM f_contact WHERE customer_id IS NOT NULL AND asked AND (channel <> 'call' OR NOT answered) AND NOT ended_at_once)
  WHERE times >= CASE WHEN channel = 'call' THEN 2 ELSE 3 END
)
SELECT signal, ref, day, customer_id, signal_day, login, 'login' AS id_kind FROM found
WHERE customer_id IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY signal, customer_id, day, signal_day ORDER BY ref) = 1
