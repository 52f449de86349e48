-- fact: part_wait
-- about: "one row per part asked for a job, reversals taken off, with the customer it was for"
-- key: [docno, item]
-- day: day
-- needs:
--   s_parts_logistics: [3, 3]
--   f_appointment: {by: {work_order_no: wo}, of: s_parts_logistics, reach: [60, 60]}
--   codes: whole
WITH undone AS (SELECT DISTINCT docno, partno, wo FROM s_parts_logistics WHERE qty < 0)
SELECT p.docno, p.item, p._day AS day, p.wo, part.value AS part, s.value AS supplier, p.req_ts, p.recv_ts, v.customer_id
FROM s_parts_logistics p
JOIN (SELECT work_order_no, any_value(customer_id) AS customer_id FROM f_appointment GROUP BY work_order_no) v ON v.work_order_no = trim(p.wo)
LEFT JOIN undone u ON u.docno = p.docno AND u.partno = p.partno AND u.wo IS NOT DISTINCT FROM p.wo
LEFT JOIN codes part ON part.list = 'part' AND part.code = left(p.partno, 3)
LEFT JOIN codes s ON s.list = 'supplier' AND s.code = p.supplier
WHERE p.qty > 0 AND u.docno IS NULL
