-- table: customer_turns
-- about: "from which day on a customer counts, or no longer counts, as one over two problems, a good one, a good one who was thanked"
-- key: [customer_id, day, area, product, segment]
-- redo: key
-- needs:
--   customers: {by: customer_id, reach: 0}
--   f_case: {by: customer_id, reach: 0}
--   s_loyalty_offers: {by: customer_id, reach: 0, where: kind = 'THANKS'}
--   s_greeting_cards: {by: {"TRY_CAST(customer_ref AS BIGINT)": customer_id}, reach: 0}
-- optional:
--   s_loyalty_offers: "send_id VARCHAR, customer_id BIGINT, campaign VARCHAR, kind VARCHAR, sent_at TIMESTAMP, delivered BOOLEAN, _file INTEGER"
--   s_greeting_cards: "order_ref VARCHAR, customer_ref VARCHAR, posted_at TIMESTAMP, returned BOOLEAN, design VARCHAR, _file INTEGER"
WITH problems AS (
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
  WHERE campaign LIKE 'TY\_%' ESCAPE '\' AND coalesce(delivered, false)
  UNION ALL
  SELECT TRY_CAST(customer_ref AS BIGINT), CAST(posted_at AS DATE) FROM s_greeting_cards
  WHERE posted_at IS NOT NULL AND NOT coalesce(returned, false)
),
-- only customers with a problem or a thank-you turn; all of them are counted in customer_steps
active AS (
  SELECT customer_id, area, product, segment, coalesce(pays_on_time, false) AS pays, coalesce(no_contact, false) AS no_contact,
    active_since, valid_from AS from_day, valid_to AS to_day
  FROM customers WHERE status = 'ACTIVE' AND NOT deleted
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
  SELECT a.customer_id, a.area, a.product, a.segment, greatest(a.from_day, o.from_day) AS from_day, least(a.to_day, o.to_day) AS to_day,
    1 AS over, 0 AS good, 0 AS thanked
  FROM active a JOIN over_spans o USING (customer_id)
  UNION ALL
  SELECT g.customer_id, g.area, g.product, g.segment, greatest(g.from_day, t.from_day), least(g.to_day, t.to_day), 0, -1, 0
  FROM good g JOIN troubled t USING (customer_id)
  UNION ALL
  SELECT g.customer_id, g.area, g.product, g.segment, greatest(g.from_day, t.from_day), least(g.to_day, t.to_day), 0, 0, 1
  FROM good g JOIN thanked t USING (customer_id)
  UNION ALL
  SELECT g.customer_id, g.area, g.product, g.segment, greatest(g.from_day, h.from_day, t.from_day), least(g.to_day, h.to_day, t.to_day), 0, 0, -1
  FROM good g JOIN thanked h USING (customer_id) JOIN troubled t USING (customer_id)
),
steps AS (
  SELECT customer_id, area, product, segment, from_day AS day, over, good, thanked FROM changes WHERE to_day > from_day
  UNION ALL
  SELECT customer_id, area, product, segment, to_day, -over, -good, -thanked FROM changes WHERE to_day > from_day
)
SELECT customer_id, day, area, product, segment, CAST(sum(over) AS BIGINT) AS over, CAST(sum(good) AS BIGINT) AS good,
  CAST(sum(thanked) AS BIGINT) AS thanked
FROM steps GROUP BY ALL HAVING sum(over) <> 0 OR sum(good) <> 0 OR sum(thanked) <> 0
