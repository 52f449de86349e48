-- fact: signal_followed
-- about: "signs of being unhappy with whether somebody of us spoke with the customer within two working days"
-- key: [signal, ref]
-- day: day
-- alone: customer_id
-- needs:
--   f_signal: 0
--   f_out_call: {by: customer_id, of: f_signal}
--   f_promise: {by: customer_id, of: f_signal}
-- lookup:
--   - {from: ids, by: {kind: id_kind, id: login}, take: {person: person}, day: signal_day}
--   - {from: customers, by: {customer_id: customer_id}, take: [segment, product, area, density, region, reachable], day: signal_day}
WITH spoke AS (
  SELECT customer_id, called_day AS day FROM f_out_call WHERE customer_id IS NOT NULL
  UNION
  SELECT customer_id, CAST(done AS DATE) FROM f_promise WHERE done_kind = 'CONNECTED' AND done IS NOT NULL
)
SELECT s.*, EXISTS (SELECT 1 FROM spoke p WHERE p.customer_id = s.customer_id AND p.day >= s.signal_day
  AND p.day <= s.signal_day + [2, 2, 2, 4, 4, 3, 2][isodow(s.signal_day)]) AS followed
FROM f_signal s
