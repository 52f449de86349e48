-- fact: issue
-- about: "one row per contact with a person, whether it was the first about its issue, and how soon the same issue came back"
-- key: contact_id
-- day: day
-- alone: customer_key
-- needs: {f_contact: [7, 7]}
-- lookup:
--   - {from: ids, by: {kind: id_kind, id: agent}, take: {person: person, hired_on: hired_on}, day: started_day}
--   - {from: customers, by: {customer_id: customer_id}, take: [segment, product, active_since], day: started_day}
WITH here AS (
  SELECT * FROM f_contact WHERE (asked OR answered) AND NOT wrong_number AND NOT training
),
pairs AS (
  SELECT a.contact_id AS first_id, b.contact_id AS next_id, a.answered AS first_answered, b.started_at - a.started_at AS gap
  FROM here a JOIN here b ON b.customer_key = a.customer_key AND (b.started_at, b.contact_id) > (a.started_at, a.contact_id)
    AND b.started_at <= a.started_at + INTERVAL 7 DAY AND (a.reason = b.reason OR a.reason IS NULL OR b.reason IS NULL)
),
later AS (SELECT first_id AS contact_id, min(gap) AS gap FROM pairs GROUP BY first_id),
earlier AS (SELECT DISTINCT next_id AS contact_id FROM pairs)
SELECT c.contact_id, c.day, c.started_day, c.channel, c.queue, c.reason, c.part_of_day, c.reason_group, c.care_cell, c.customer_id, c.customer_key, c.agent, c.id_kind,
  c.site, c.region, c.partner, c.handed_well, c.passed, e.contact_id IS NULL AS is_first, l.gap IS NOT NULL AS came_back,
  coalesce(l.gap <= INTERVAL 48 HOUR, false) AS came_back_soon
FROM here c LEFT JOIN later l USING (contact_id) LEFT JOIN earlier e USING (contact_id)
WHERE c.answered
