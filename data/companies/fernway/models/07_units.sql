-- table: units
-- about: "every unit of today: teams that HR names or that are partners, with the areas, sites and regions that they lie in"
-- key: [level, code]
-- needs: {hr_said: whole, employments: whole, renames: whole, membership: whole, csv_teams: whole, codes: whole}
WITH today AS (SELECT max(seen_from) AS day FROM hr_said),
now AS (
  SELECT s.*, e.person, r.value AS kind_of_role, coalesce(n.new_code, s.team_code) AS team
  FROM hr_said s JOIN employments e USING (employee_id)
  LEFT JOIN renames n ON n.old_code = s.team_code
  LEFT JOIN codes r ON r.list = 'role' AND r.code = s.role
  WHERE s.seen_to = DATE '9999-12-31'
),
codes_seen AS (SELECT DISTINCT team FROM membership),
leaders AS (SELECT team, min(person) AS leader FROM now WHERE kind_of_role = 'supervisor' GROUP BY team),
day AS (SELECT greatest((SELECT day FROM today), (SELECT max(seen_from) FROM hr_said)) AS day),
working AS (
  SELECT person, arg_max(team, (kind = 'LOAN', valid_from)) AS team FROM membership, day
  WHERE day.day >= valid_from AND day.day < valid_to GROUP BY person
),
staff AS (
  SELECT w.team, count(*) AS staff FROM working w JOIN now USING (person) WHERE now.kind_of_role = 'frontline' GROUP BY w.team
),
teams AS (
  SELECT t.team AS code, t.name, t.family AS work, t.work AS kind, nullif(t.density, '') AS density, l.leader,
    coalesce(s.staff, 0) AS staff, nullif(t.area, '') AS area, nullif(t.site, '') AS site, nullif(t.region, '') AS region
  FROM csv_teams t JOIN codes_seen c ON c.team = t.team
  LEFT JOIN leaders l ON l.team = t.team LEFT JOIN staff s ON s.team = t.team
),
managers AS (SELECT site_or_area AS place, min(person) AS leader FROM now WHERE kind_of_role = 'manager' GROUP BY site_or_area)
SELECT 'team' AS level, code, name, work, kind, density, leader, staff, code AS team, area, site, region FROM teams
UNION ALL
SELECT 'area', area, area, any_value(work), any_value(work), any_value(t.density), any_value(m.leader), sum(staff), NULL, area, NULL,
  any_value(region)
FROM teams t LEFT JOIN managers m ON m.place = t.area WHERE area IS NOT NULL GROUP BY area
UNION ALL
SELECT 'site', site, site, any_value(work), any_value(work), NULL, any_value(m.leader), sum(staff), NULL, NULL, site, any_value(region)
FROM teams t LEFT JOIN managers m ON m.place = t.site WHERE site IS NOT NULL GROUP BY site
UNION ALL
SELECT 'region', region, region, NULL, NULL, NULL, any_value(m.leader), sum(staff), NULL, NULL, NULL, region
FROM teams t LEFT JOIN managers m ON m.place = t.region WHERE region IS NOT NULL GROUP BY region
UNION ALL
SELECT DISTINCT 'team', value, value, 'partner', 'partner', NULL, NULL, 0, value, NULL, NULL, NULL FROM codes WHERE list = 'partner'
