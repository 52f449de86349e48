-- fact: order_clock
-- about: "the days up to which order management has reported"
-- key: day
-- day: day
-- redo: whole
-- needs: {s_install_orders: whole}
WITH newest AS (
  SELECT max(CAST(greatest(created_at, coalesce(completed_at, created_at)) AS DATE)) AS last_day, min(CAST(created_at AS DATE)) AS first_day
  FROM s_install_orders
)
SELECT unnest(generate_series(first_day, last_day, INTERVAL 1 DAY))::DATE AS day FROM newest
