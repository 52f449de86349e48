-- fact: voice
-- about: "one row per contact with a person: whether we know what it was about, from the agent's code or a machine tag"
-- key: contact_id
-- day: day
-- alone: contact_id
-- needs:
--   f_contact: {reach: 0, where: answered AND NOT wrong_number}
--   s_voice_themes: {by: {contact_ref: contact_id}, of: f_contact}
--   codes: whole
-- lookup:
--   - {from: ids, by: {kind: id_kind, id: agent}, take: {person: person, hired_on: hired_on}, day: started_day}
--   - {from: customers, by: {customer_id: customer_id}, take: {segment: segment, product: product, area: home_area, density: density, region: home_region}, day: started_day}
WITH newest AS (SELECT * FROM s_voice_themes QUALIFY model_version = max(model_version) OVER (PARTITION BY contact_ref)),
tags AS (
  SELECT v.contact_ref AS contact_id, bool_or(t.value IS NOT NULL AND v.confidence >= 0.6) AS has_theme,
    bool_or(v.theme_code = 'T-WRNG' AND v.confidence >= 0.6) AS wrong_number
  FROM newest v LEFT JOIN codes t ON t.list = 'theme' AND t.code = v.theme_code GROUP BY v.contact_ref
)
SELECT c.contact_id, c.day, c.started_day, c.channel, c.part_of_day, c.customer_id, c.agent, c.id_kind, c.site, c.region, c.partner, c.reason,
  coalesce(t.has_theme, false) AS has_theme, coalesce(t.has_theme, false) OR coalesce(c.reason <> 'other', false) AS usable
FROM f_contact c LEFT JOIN tags t USING (contact_id)
WHERE NOT coalesce(t.wrong_number, false)
