-- fact: waiting
-- about: "one row per case that was put right: all hours, and those waiting for a part or for our visit; with the part where one is known.
--   Until the customer said yes; who never answered, until it was put right: the fourteen quiet days are nobody's waiting"
-- key: case_id
-- day: day
-- alone: case_id
-- needs:
--   f_case: 0
--   f_part_wait: {by: customer_id, of: f_case}
-- optional:
--   f_part_wait: "customer_id BIGINT, part VARCHAR, supplier VARCHAR, req_ts TIMESTAMP, day DATE"
WITH waited AS (
  SELECT c.case_id, arg_min(p.part, (p.req_ts, p.part, p.supplier)) AS part, arg_min(p.supplier, (p.req_ts, p.part, p.supplier)) AS supplier
  FROM f_case c JOIN f_part_wait p ON p.customer_id = c.customer_id
    AND p.req_ts BETWEEN c.opened_at AND c.closed_at + INTERVAL 1 DAY
  WHERE c.needs_part GROUP BY c.case_id
)
SELECT c.case_id, c.day, c.closed_day, c.area, c.density, c.region, c.segment, c.product, w.part, w.supplier, c.needs_part, c.from_start,
  c.part_hours + c.visit_hours AS waited_hours, date_sub('second', c.opened_at, coalesce(c.confirmed_at, c.solved_at, c.closed_at)) / 3600.0 AS hours
FROM f_case c LEFT JOIN waited w USING (case_id)
WHERE c.closed_at IS NOT NULL AND c.close_kind IN ('CONFIRMED', 'QUIET')
