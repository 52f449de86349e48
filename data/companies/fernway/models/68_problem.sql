-- fact: problem
-- about: "one row per separate problem that a customer reported, with the problems before it. Repeats of one case count once"
-- key: case_id
-- day: day
-- alone: case_id
-- needs:
--   f_case: 0
--   others: {table: f_case, by: customer_id, of: f_case}
WITH every AS (
  SELECT DISTINCT customer_id, case_id, opened_at, opened_day FROM others
  WHERE problem AND reopened_from IS NULL AND coalesce(close_kind, '') <> 'MERGED'
),
ordered AS (
  SELECT *, lag(opened_day) OVER w AS before_1, lag(opened_day, 2) OVER w AS before_2, lag(opened_day, 3) OVER w AS before_3
  FROM every WINDOW w AS (PARTITION BY customer_id ORDER BY opened_at, case_id)
)
SELECT c.case_id, c.day, c.customer_id, c.opened_day, c.owner, c.id_kind, c.area, c.region, o.before_1,
  -- the third within 365 days, and not already the fourth
  coalesce(o.opened_day - o.before_2 < 365, false) AND NOT coalesce(o.opened_day - o.before_3 < 365, false) AS is_third
FROM f_case c JOIN ordered o USING (case_id)
