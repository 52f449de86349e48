-- fact: customer_day
-- about: "counts of customers by day and cell: active, with three or more problems in 365 days, good ones, good ones who were thanked"
-- key: [day, area, product, segment]
-- day: day
-- redo: whole
-- needs: {customer_steps: whole, turn_steps: whole, f_case: whole, places: whole}
-- cases: |
--   WITH troubles AS (
--     SELECT customer_id, list(case_id) AS case_id FROM f_case
--     WHERE problem AND reopened_from IS NULL AND coalesce(close_kind, '') <> 'MERGED' AND opened_day > {day} - 365 AND opened_day <= {day}
--     GROUP BY customer_id
--   ),
--   sends AS (
--     SELECT customer_id, list(send_id) AS send_id FROM s_loyalty_offers
--     WHERE kind = 'THANKS' AND campaign LIKE 'TY!_%' ESCAPE '!' AND coalesce(delivered, false)
--       AND CAST(sent_at AS DATE) > {day} - 365 AND CAST(sent_at AS DATE) <= {day} GROUP BY customer_id
--   ),
--   cards AS (
--     SELECT TRY_CAST(customer_ref AS BIGINT) AS customer_id, list(order_ref) AS order_ref FROM s_greeting_cards
--     WHERE posted_at IS NOT NULL AND NOT coalesce(returned, false) AND CAST(posted_at AS DATE) > {day} - 365
--       AND CAST(posted_at AS DATE) <= {day} GROUP BY TRY_CAST(customer_ref AS BIGINT)
--   ),
--   active AS (
--     SELECT *, coalesce(pays_on_time, false) AND NOT coalesce(no_contact, false) AND active_since + INTERVAL 24 MONTH <= {day} AS well
--     FROM customers WHERE status = 'ACTIVE' AND NOT deleted AND valid_from <= {day} AND valid_to > {day}
--   )
--   SELECT a.customer_id, {day} AS day, a.area, a.region, a.density, a.product, a.segment, 1 AS active, CAST(coalesce(len(t.case_id), 0) > 2 AS INT) AS over,
--     CAST(a.well AND t.case_id IS NULL AS INT) AS good, CAST(a.well AND t.case_id IS NULL AND (s.send_id IS NOT NULL OR c.order_ref IS NOT NULL) AS INT) AS thanked,
--     t.case_id, s.send_id, c.order_ref
--   FROM active a LEFT JOIN troubles t USING (customer_id) LEFT JOIN sends s USING (customer_id) LEFT JOIN cards c USING (customer_id)
WITH span AS (SELECT min(opened_day) AS first_day, max(opened_day) AS last_day FROM f_case),
-- what happened before the first day counts from it on
steps AS (
  SELECT greatest(day, first_day) AS day, area, product, segment, active, 0 AS over, good, 0 AS thanked FROM customer_steps, span
  WHERE day <= last_day
  UNION ALL
  SELECT greatest(day, first_day), area, product, segment, 0, over, good, thanked FROM turn_steps, span WHERE day <= last_day
),
summed AS (
  SELECT day, area, product, segment, sum(active) AS active, sum(over) AS over, sum(good) AS good, sum(thanked) AS thanked
  FROM steps GROUP BY ALL
),
cells AS (SELECT DISTINCT area, product, segment FROM summed),
grid AS (
  SELECT d.day, c.* FROM cells c CROSS JOIN
    (SELECT unnest(generate_series(first_day, last_day, INTERVAL 1 DAY))::DATE AS day FROM span WHERE first_day IS NOT NULL) d
),
totals AS (
  SELECT g.day, g.area, p.region, p.density, g.product, g.segment,
    CAST(sum(coalesce(s.active, 0)) OVER w AS BIGINT) AS active, CAST(sum(coalesce(s.over, 0)) OVER w AS BIGINT) AS over,
    CAST(sum(coalesce(s.good, 0)) OVER w AS BIGINT) AS good, CAST(sum(coalesce(s.thanked, 0)) OVER w AS BIGINT) AS thanked
  FROM grid g LEFT JOIN summed s ON s.day = g.day AND s.area IS NOT DISTINCT FROM g.area
    AND s.product IS NOT DISTINCT FROM g.product AND s.segment IS NOT DISTINCT FROM g.segment
  LEFT JOIN places p ON p.area = g.area
  WINDOW w AS (PARTITION BY g.area, g.product, g.segment ORDER BY g.day)
)
SELECT * FROM totals QUALIFY max(active) OVER (PARTITION BY area, product, segment) > 0
