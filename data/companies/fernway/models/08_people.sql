-- table: people
-- about: "people of today, where they work today (a loan wins) and what leaders answer for"
-- key: login
-- needs: {hr_said: whole, employments: whole, renames: whole, membership: whole, units: whole, codes: whole}
WITH day AS (SELECT max(seen_from) AS day FROM hr_said),
now AS (
  SELECT s.*, e.person, e.since, r.value AS kind_of_role, coalesce(n.new_code, s.team_code) AS team
  FROM hr_said s JOIN employments e USING (employee_id)
  LEFT JOIN renames n ON n.old_code = s.team_code
  LEFT JOIN codes r ON r.list = 'role' AND r.code = s.role
  WHERE s.seen_to = DATE '9999-12-31'
),
working AS (
  SELECT person, arg_max(team, (kind = 'LOAN', valid_from)) AS team FROM membership, day
  WHERE day.day >= valid_from AND day.day < valid_to GROUP BY person
)
SELECT n.person AS login, n.full_name AS name, n.kind_of_role AS role, coalesce(u.work, p.work, '') AS work,
  CASE WHEN u.code IS NOT NULL THEN 'team' ELSE coalesce(p.level, '') END AS unit_level, coalesce(u.code, p.code, '') AS unit,
  CASE WHEN n.kind_of_role = 'frontline' THEN 'person' WHEN n.kind_of_role = 'supervisor' THEN 'team' ELSE coalesce(p.level, '') END
    AS cover_level,
  CASE WHEN n.kind_of_role = 'frontline' THEN n.person WHEN n.kind_of_role = 'supervisor' THEN coalesce(n.team, '')
    ELSE coalesce(p.code, '') END AS cover_codes,
  n.since AS since
FROM now n LEFT JOIN working w USING (person)
LEFT JOIN units u ON u.level = 'team' AND u.code = coalesce(w.team, n.team)
LEFT JOIN units p ON p.level <> 'team' AND p.code = n.site_or_area AND n.kind_of_role = 'manager'
QUALIFY row_number() OVER (PARTITION BY n.person ORDER BY n.seen_from DESC, n.employee_id DESC) = 1
