-- table: customer_steps
-- about: "how many customers more or fewer are active, and are good ones, from a day on, by cell: two years here, paying on time"
-- key: [day, area, product, segment]
-- redo: sum
-- needs: {customers: whole}
WITH active AS (
  SELECT area, product, segment, valid_from, valid_to, CAST(active_since + INTERVAL 24 MONTH AS DATE) AS ripe,
    coalesce(pays_on_time, false) AND NOT coalesce(no_contact, false) AND active_since IS NOT NULL AS well
  FROM customers WHERE status = 'ACTIVE' AND NOT deleted
),
spans AS (
  SELECT area, product, segment, valid_from AS from_day, valid_to AS to_day, count(*) AS active, 0 AS good FROM active GROUP BY ALL
  UNION ALL
  SELECT area, product, segment, greatest(valid_from, ripe), valid_to, 0, count(*) FROM active WHERE well AND ripe < valid_to GROUP BY ALL
),
steps AS (
  SELECT from_day AS day, area, product, segment, active, good FROM spans WHERE to_day > from_day
  UNION ALL
  SELECT to_day, area, product, segment, -active, -good FROM spans WHERE to_day > from_day
)
SELECT day, area, product, segment, CAST(sum(active) AS BIGINT) AS active, CAST(sum(good) AS BIGINT) AS good FROM steps GROUP BY ALL
HAVING sum(active) <> 0 OR sum(good) <> 0
