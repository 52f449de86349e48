-- fact: shift
-- about: "one row per login and local day with a shift: whether from home, and whether there at all. A night shift counts for both its days"
-- key: [login, day]
-- day: day
-- needs: {s_wfm_schedule: [1, 0], ids: dated}
WITH slots AS (
  -- two sites write names instead of numbers
  SELECT CASE WHEN regexp_full_match(employee, '[0-9]+') THEN 'employee' ELSE 'name' END AS kind, employee, date AS day,
    home_or_site = 'H' AS home, activity NOT IN ('ABSENT', 'LEAVE', 'TRAINING', 'BREAK') AS working, "end" < start AS into_next
  FROM s_wfm_schedule
),
shifts AS (
  SELECT i.person, s.day, bool_or(s.home) AS home, bool_or(s.working) AS here, bool_or(s.working AND s.into_next) AS into_next
  FROM slots s JOIN ids i ON i.kind = s.kind AND i.id = s.employee AND s.day >= i.valid_from AND s.day < i.valid_to
  GROUP BY i.person, s.day
),
days AS (
  SELECT person, day, home, here, false AS carried FROM shifts
  UNION ALL
  SELECT person, day + 1, home, false, true FROM shifts WHERE into_next
)
SELECT l.id AS login, d.day, coalesce(d.home, false) AS home, coalesce(d.here, false) AS here
FROM days d JOIN ids l ON l.kind = 'login' AND l.person = d.person AND d.day >= l.valid_from AND d.day < l.valid_to
QUALIFY row_number() OVER (PARTITION BY l.id, d.day ORDER BY d.carried, d.person) = 1
