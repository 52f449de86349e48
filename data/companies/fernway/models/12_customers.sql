-- table: customers
-- about: "what the customer master said of a customer from when to when; before the first word, the first word"
-- key: customer_id
-- redo: key
-- needs: {l_customer_delta: 0, codes: whole, places: whole}
WITH words AS (
  SELECT customer_id, changed_at, CAST(changed_at AS DATE) AS day,
    {'segment': segment, 'main_product': products[1], 'area_code': area_code, 'status': status, 'reachable': reachable, 'no_contact': no_contact,
      'pays_on_time': pays_on_time, 'active_since': active_since, 'deleted': coalesce(deleted, false)} AS word
  FROM l_customer_delta
),
-- most words are about what no figure asks for: what is only said again is no new word
news AS (
  SELECT customer_id, changed_at, day, unnest(word) FROM words
  QUALIFY word IS DISTINCT FROM lag(word) OVER (PARTITION BY customer_id ORDER BY changed_at)
),
said AS (
  SELECT *, first_value(day) OVER w AS first_day, lead(day) OVER w AS next_day FROM news
  WINDOW w AS (PARTITION BY customer_id ORDER BY changed_at)
)
-- of several words on one day the last one counts
SELECT s.customer_id, seg.value AS segment, pro.value AS product, s.area_code, pl.area, pl.density, pl.region, pl.zone, s.status, s.reachable, s.no_contact,
  s.pays_on_time, s.active_since, s.deleted,
  CASE WHEN s.day = s.first_day THEN DATE '1900-01-01' ELSE s.day END AS valid_from,
  coalesce(s.next_day, DATE '9999-12-31') AS valid_to
FROM said s
LEFT JOIN codes seg ON seg.list = 'segment' AND seg.code = s.segment
LEFT JOIN codes pro ON pro.list = 'product' AND pro.code = s.main_product
LEFT JOIN places pl ON pl.area_code = s.area_code
WHERE s.next_day IS NULL OR s.next_day > s.day
