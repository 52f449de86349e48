-- fact: theme
-- about: "one row per contact and usable theme"
-- key: [contact_id, theme]
-- day: day
-- alone: contact_id
-- needs:
--   f_voice: 0
--   s_voice_themes: {by: {contact_ref: contact_id}, of: f_voice}
--   codes: whole
-- lookup:
--   - {from: customers, by: {customer_id: customer_id}, take: {segment: segment, product: product, area: home_area, density: density, region: home_region}, day: started_day}
WITH newest AS (SELECT * FROM s_voice_themes QUALIFY model_version = max(model_version) OVER (PARTITION BY contact_ref))
SELECT DISTINCT c.contact_id, t.value AS theme, c.day, c.started_day, c.channel, c.part_of_day, c.customer_id
FROM f_voice c JOIN newest v ON v.contact_ref = c.contact_id JOIN codes t ON t.list = 'theme' AND t.code = v.theme_code
WHERE v.confidence >= 0.6
