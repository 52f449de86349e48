-- table: customers
-- about: "what the customer master said of a customer from when to when; before the first word, the first word"
-- key: customer_id
-- redo: key
-- needs: {l_customer_delta: 0, codes: whole, places: whole}
WITH said AS (
  SELECT customer_id, CAST(changed_at AS DATE) AS day, changed_at, segment, products, area_code, address_id, status, reachable,
    no_contact, pays_on_time, active_since, coalesce(deleted, false) AS deleted
  FROM l_customer_delta
  QUALIFY row_number() OVER (PARTITION BY customer_id, CAST(changed_at AS DATE) ORDER BY changed_at DESC) = 1
)
SELECT s.customer_id, seg.value AS segment, pro.value AS product, s.area_code, pl.area, pl.density, pl.region, pl.zone, s.address_id, s.status, s.reachable, s.no_contact,
  s.pays_on_time, s.active_since, s.deleted,
  CASE WHEN row_number() OVER w = 1 THEN DATE '1900-01-01' ELSE s.day END AS valid_from,
  lead(s.day, 1, DATE '9999-12-31') OVER w AS valid_to
FROM said s
LEFT JOIN codes seg ON seg.list = 'segment' AND seg.code = s.segment
LEFT JOIN codes pro ON pro.list = 'product' AND pro.code = s.products[1]
LEFT JOIN places pl ON pl.area_code = s.area_code
WINDOW w AS (PARTITION BY s.customer_id ORDER BY s.day)
