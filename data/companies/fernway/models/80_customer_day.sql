-- fact: customer_day
-- about: "counts of customers by day and cell: active, with three or more problems in 365 days, good ones, good ones who were thanked"
-- key: [day, area, product, segment]
-- day: day
-- redo: whole
-- needs: {customer_steps: whole, customers: whole, f_case: whole, places: whole, s_loyalty_offers: whole, s_greeting_cards: whole}
-- optional:
--   s_loyalty_offers: "send_id VARCHAR, customer_id BIGINT, campaign VARCHAR, kind VARCHAR, sent_at TIMESTAMP, delivered BOOLEAN, _file INTEGER"
--   s_greeting_cards: "order_ref VARCHAR, customer_ref VARCHAR, posted_at TIMESTAMP, returned BOOLEAN, design VARCHAR, _file INTEGER"
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
problems AS (
  SELECT customer_id, case_id, opened_at, opened_day FROM f_case
  WHERE problem AND reopened_from IS NULL AND coalesce(close_kind, '') <> 'MERGED' AND opened_day IS NOT NULL
),
thirds AS (
  SELECT customer_id, opened_day AS from_day, lag(opened_day, 2) OVER (PARTITION BY customer_id ORDER BY opened_at, case_id) + 365 AS to_day
  FROM problems
),
thanks AS (
  -- a sale is no thank-you, whatever its campaign calls it
  SELECT customer_id, CAST(sent_at AS DATE) AS day FROM s_loyalty_offers
  WHERE kind = 'THANKS' AND campaign LIKE 'TY\_%' ESCAPE '\' AND coalesce(delivered, false)
  UNION ALL
  SELECT TRY_CAST(customer_ref AS BIGINT), CAST(posted_at AS DATE) FROM s_greeting_cards
  WHERE posted_at IS NOT NULL AND NOT coalesce(returned, false)
),
-- only customers with a problem or a thank-you are looked at one by one; all of them are counted in customer_steps
active AS (
  SELECT customer_id, area, product, segment, coalesce(pays_on_time, false) AS pays, coalesce(no_contact, false) AS no_contact,
    active_since, greatest(valid_from, first_day) AS from_day, least(valid_to, last_day + 1) AS to_day
  FROM customers, span WHERE status = 'ACTIVE' AND NOT deleted AND valid_from <= last_day AND valid_to > first_day
    AND customer_id IN (SELECT customer_id FROM problems UNION SELECT customer_id FROM thanks)
),
-- spans of one customer cut so that they do not overlap: each lasts until the next begins
over_spans AS (
  SELECT customer_id, from_day, least(to_day, lead(from_day, 1, DATE '9999-12-31') OVER w) AS to_day FROM thirds
  WHERE to_day > from_day WINDOW w AS (PARTITION BY customer_id ORDER BY from_day)
),
troubled AS (
  SELECT customer_id, opened_day AS from_day, least(opened_day + 365, lead(opened_day, 1, DATE '9999-12-31') OVER w) AS to_day
  FROM (SELECT DISTINCT customer_id, opened_day FROM problems) WINDOW w AS (PARTITION BY customer_id ORDER BY opened_day)
),
thanked AS (
  SELECT customer_id, day AS from_day, least(day + 365, lead(day, 1, DATE '9999-12-31') OVER w) AS to_day
  FROM (SELECT DISTINCT customer_id, day FROM thanks WHERE day IS NOT NULL) WINDOW w AS (PARTITION BY customer_id ORDER BY day)
),
good AS (
  SELECT * EXCLUDE (from_day), greatest(from_day, CAST(active_since + INTERVAL 24 MONTH AS DATE)) AS from_day FROM active
  WHERE pays AND NOT no_contact AND active_since + INTERVAL 24 MONTH < to_day
),
changes AS (
  SELECT a.area, a.product, a.segment, greatest(a.from_day, o.from_day) AS from_day, least(a.to_day, o.to_day) AS to_day, 1 AS over, 0 AS good,
    0 AS thanked
  FROM active a JOIN over_spans o USING (customer_id)
  UNION ALL
  SELECT g.area, g.product, g.segment, greatest(g.from_day, t.from_day), least(g.to_day, t.to_day), 0, -1, 0
  FROM good g JOIN troubled t USING (customer_id)
  UNION ALL
  SELECT g.area, g.product, g.segment, greatest(g.from_day, t.from_day), least(g.to_day, t.to_day), 0, 0, 1
  FROM good g JOIN thanked t USING (customer_id)
  UNION ALL
  SELECT g.area, g.product, g.segment, greatest(g.from_day, h.from_day, t.from_day), least(g.to_day, h.to_day, t.to_day), 0, 0, -1
  FROM good g JOIN thanked h USING (customer_id) JOIN troubled t USING (customer_id)
),
steps AS (
  SELECT greatest(day, first_day) AS day, area, product, segment, active, 0 AS over, good, 0 AS thanked FROM customer_steps, span
  WHERE day <= last_day
  UNION ALL
  SELECT from_day, area, product, segment, 0, over, good, thanked FROM changes WHERE to_day > from_day
  UNION ALL
  SELECT to_day, area, product, segment, 0, -over, -good, -thanked FROM changes WHERE to_day > from_day
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
