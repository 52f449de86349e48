-- table: employments
-- about: "every employment with the person behind it; the newest holder of a login is called by it, earlier ones login~1, login~2"
-- key: employee_id
-- needs: {hr_said: whole}
WITH newest AS (
  SELECT employee_id, arg_max(login, seen_from) AS login, arg_max(person_name, seen_from) AS person_name,
    arg_max(full_name, seen_from) AS full_name, arg_max(hired_on, seen_from) AS hired_on, min(seen_from) AS first_seen,
    max(seen_to) AS gone_on
  FROM hr_said GROUP BY employee_id
),
holders AS (
  SELECT login, person_name, min(hired_on) AS since,
    row_number() OVER (PARTITION BY login ORDER BY max(coalesce(hired_on, first_seen)) DESC, person_name) - 1 AS earlier
  FROM newest WHERE login IS NOT NULL GROUP BY login, person_name
)
SELECT n.employee_id, CASE WHEN h.earlier = 0 THEN n.login ELSE n.login || '~' || h.earlier END AS person,
  n.login, n.full_name, n.person_name, n.hired_on, h.since, n.first_seen, n.gone_on
FROM newest n JOIN holders h ON h.login = n.login AND h.person_name = n.person_name
