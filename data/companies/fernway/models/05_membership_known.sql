-- table: membership_known
-- about: "who belonged to which team from when to when, and from which day to which we knew it so (recorded_at, superseded_at)"
-- key: person
-- needs: {hr_said: whole, employments: whole, renames: whole}
WITH first_day AS (SELECT min(seen_from) AS day FROM hr_said),
said AS (
  SELECT s.*, e.person, coalesce(r2.new_code, r1.new_code, s.team_code) AS team,
    coalesce(l2.new_code, l1.new_code, s.loan_team) AS lent_to
  FROM hr_said s JOIN employments e USING (employee_id)
  LEFT JOIN renames r1 ON r1.old_code = s.team_code LEFT JOIN renames r2 ON r2.old_code = r1.new_code
  LEFT JOIN renames l1 ON l1.old_code = s.loan_team LEFT JOIN renames l2 ON l2.old_code = l1.new_code
),
-- what was said of the home: from `from_day` on the team is `team`; leaving is a team of none
home AS (
  SELECT person, team, coalesce(effective_from, hired_on, seen_from) AS from_day,
    min(CASE WHEN seen_from = (SELECT day FROM first_day) THEN DATE '1900-01-01' ELSE seen_from END) AS recorded
  FROM said GROUP BY person, team, coalesce(effective_from, hired_on, seen_from)
  UNION ALL
  SELECT person, NULL, coalesce(max(left_on), max(seen_to)), max(seen_to)
  FROM said s GROUP BY person, employee_id HAVING max(seen_to) < DATE '9999-12-31'
),
known AS (SELECT DISTINCT person, recorded FROM home),
versions AS (
  SELECT person, recorded, lead(recorded, 1, DATE '9999-12-31') OVER (PARTITION BY person ORDER BY recorded) AS superseded
  FROM known
),
starts AS (SELECT DISTINCT v.person, v.recorded, v.superseded, h.from_day FROM versions v JOIN home h ON h.person = v.person AND h.recorded <= v.recorded),
spans AS (
  SELECT *, lead(from_day, 1, DATE '9999-12-31') OVER (PARTITION BY person, recorded ORDER BY from_day) AS to_day FROM starts
),
-- the statement that was recorded last among those that begin by then
placed AS (
  SELECT s.person, s.recorded, s.superseded, s.from_day, s.to_day, arg_max(coalesce(h.team, ''), (h.recorded, h.from_day)) AS team
  FROM spans s JOIN home h ON h.person = s.person AND h.recorded <= s.recorded AND h.from_day <= s.from_day
  GROUP BY s.person, s.recorded, s.superseded, s.from_day, s.to_day
),
marked AS (
  SELECT *, CASE WHEN lag(team) OVER w = team THEN 0 ELSE 1 END AS changes
  FROM placed WINDOW w AS (PARTITION BY person, recorded ORDER BY from_day)
),
runs AS (SELECT *, sum(changes) OVER (PARTITION BY person, recorded ORDER BY from_day) AS run FROM marked),
loans AS (
  SELECT person, lent_to AS team, loan_from AS from_day, loan_to + 1 AS to_day,
    min(CASE WHEN seen_from = (SELECT day FROM first_day) THEN DATE '1900-01-01' ELSE seen_from END) AS recorded
  FROM said WHERE lent_to IS NOT NULL AND loan_from IS NOT NULL GROUP BY person, lent_to, loan_from, loan_to
)
SELECT person, team, 'HOME' AS kind, min(from_day) AS valid_from, max(to_day) AS valid_to, recorded AS recorded_at,
  superseded AS superseded_at
FROM runs WHERE team <> '' GROUP BY person, recorded, superseded, team, run
UNION ALL
SELECT person, team, 'LOAN', from_day, coalesce(to_day, DATE '9999-12-31'), recorded,
  lead(recorded, 1, DATE '9999-12-31') OVER (PARTITION BY person, from_day ORDER BY recorded)
FROM loans
