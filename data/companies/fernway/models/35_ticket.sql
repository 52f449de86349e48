-- fact: ticket
-- about: "one row per fault ticket; a reopened one goes on from the first report, the clock never stops"
-- key: ticket_id
-- day: day
-- alone: ticket_id
-- needs:
--   s_trouble_tickets: 0
--   parents: {table: s_trouble_tickets, by: {ticket_id: parent_id}, of: s_trouble_tickets}
--   children: {table: s_trouble_tickets, by: {parent_id: ticket_id}, of: s_trouble_tickets}
--   customers: {by: {customer_id: "TRY_CAST(substr(service_id, 4, 9) AS BIGINT)"}, of: s_trouble_tickets}
--   f_outage_day: [3, 3]
--   places: whole
--   codes: whole
-- optional:
--   customers: "customer_id BIGINT, area VARCHAR, density VARCHAR, region VARCHAR, zone VARCHAR, segment VARCHAR, product VARCHAR, valid_from DATE, valid_to DATE"
--   f_outage_day: "area_code VARCHAR, day DATE, outage BOOLEAN"
-- lookup:
--   - {from: ids, by: {kind: id_kind, id: owner_login}, take: {person: person, hired_on: hired_on}, day: restored_day}
WITH tickets AS (
  SELECT t.*, coalesce(p.reported_at, t.reported_at) AS first_reported,
    CASE WHEN t.status IN ('RESOLVED', 'CLOSED') THEN t.restored_at END AS restored,
    coalesce(t.parent_id LIKE 'MI-%', false) OR coalesce(p.parent_id LIKE 'MI-%', false) AS in_major_incident,
    t.ticket_id IN (SELECT parent_id FROM children WHERE parent_id IS NOT NULL) AS reopened,
    -- a service's number is SVC, the customer's number in nine figures, the line's in two
    TRY_CAST(substr(t.service_id, 4, 9) AS BIGINT) AS customer_id
  FROM s_trouble_tickets t LEFT JOIN parents p ON p.ticket_id = t.parent_id
),
placed AS (
  SELECT t.*, c.area, c.density, c.region, c.segment, c.product, coalesce(c.zone, 'UTC') AS zone
  FROM tickets t LEFT JOIN customers c ON c.customer_id = t.customer_id AND t._day >= c.valid_from AND t._day < c.valid_to
)
SELECT t.ticket_id, t._day AS day, t.owner_login, 'login' AS id_kind, partner.value AS partner, t.customer_id,
  t.area, t.density, t.region, t.segment, t.product, f.value AS fault_type, t.first_reported AS reported_at, t.restored AS restored_at,
  CAST(to_local(t.first_reported, t.zone) AS DATE) AS reported_day, CAST(to_local(t.reported_at, t.zone) AS DATE) AS own_reported_day, CAST(to_local(t.restored, t.zone) AS DATE) AS restored_day,
  hour(to_local(t.first_reported, t.zone)) AS reported_hour, t.in_major_incident, t.reopened, coalesce(o.outage, false) AS outage
FROM placed t
LEFT JOIN places pl ON pl.area = t.area
LEFT JOIN f_outage_day o ON o.area_code = pl.area_code AND o.day = CAST(to_local(t.first_reported, t.zone) AS DATE)
LEFT JOIN codes f ON f.list = 'fault_type' AND f.code = t.fault_code
LEFT JOIN codes partner ON partner.list = 'partner' AND partner.code = upper(left(t.owner_login, 3))
