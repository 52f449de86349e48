-- fact: tip_use
-- about: "one row per use of a colleague's tip; own use and the author's own team lead left out"
-- key: id
-- day: day
-- needs:
--   s_community_kb: 0
--   tips: {table: s_community_kb, by: {id: tip_id}, of: s_community_kb}
--   ids: dated
--   membership: dated
--   units: whole
--   settings: whole
-- lookup:
--   - {from: ids, by: {kind: id_kind, id: author_login}, take: {hired_on: hired_on}, day: used_day}
WITH uses AS (
  SELECT u.id, u._day AS day, t.author_login, u.user_login,
    CAST(to_local(u.used_at, (SELECT value FROM settings WHERE key = 'head_office_zone')) AS DATE) AS used_day
  FROM s_community_kb u JOIN tips t ON t.kind = 'tip' AND t.id = u.tip_id WHERE u.kind = 'use' AND u.used_at IS NOT NULL
),
people AS (
  SELECT u.*, a.person AS author, b.person AS colleague FROM uses u
  LEFT JOIN ids a ON a.kind = 'login' AND a.id = u.author_login AND u.used_day >= a.valid_from AND u.used_day < a.valid_to
  LEFT JOIN ids b ON b.kind = 'login' AND b.id = u.user_login AND u.used_day >= b.valid_from AND u.used_day < b.valid_to
)
SELECT p.id, p.day, p.used_day, p.author_login, 'login' AS id_kind, p.author, p.colleague FROM people p
WHERE p.colleague IS NOT NULL AND p.colleague IS DISTINCT FROM p.author AND NOT EXISTS (
  SELECT 1 FROM membership m JOIN units t ON t.level = 'team' AND t.code = m.team
  WHERE m.person = p.author AND p.used_day >= m.valid_from AND p.used_day < m.valid_to AND t.leader = p.colleague)
