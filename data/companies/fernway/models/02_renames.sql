-- table: renames
-- about: "a team code that vanished on the day on which another came, with more than half of the people the same"
-- key: old_code
-- needs: {hr_said: whole}
WITH held AS (
  SELECT team_code, min(seen_from) AS came, max(seen_to) AS went FROM hr_said WHERE team_code IS NOT NULL GROUP BY team_code
),
pairs AS (
  SELECT a.team_code AS old_code, b.team_code AS new_code, b.came AS renamed_on
  FROM held a JOIN held b ON a.went = b.came AND a.team_code <> b.team_code
),
shared AS (
  SELECT p.old_code, p.new_code, p.renamed_on,
    count(DISTINCT o.employee_id) AS people, count(DISTINCT n.employee_id) AS stayed
  FROM pairs p
  JOIN hr_said o ON o.team_code = p.old_code AND o.seen_to = p.renamed_on
  LEFT JOIN hr_said n ON n.employee_id = o.employee_id AND n.team_code = p.new_code AND n.seen_from = p.renamed_on
  GROUP BY ALL
)
SELECT old_code, new_code, renamed_on FROM shared WHERE stayed * 2 > people
