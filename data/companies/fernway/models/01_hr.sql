-- table: hr_said
-- about: "what HR said of each employment, one row per change of what it said, by the day of the snapshot"
-- key: [employee_id, seen_from]
-- needs: {l_hr_people: whole}
WITH snapshots AS (
  SELECT *, CAST(strptime(_part, '%Y%m%d') AS DATE) AS seen,
    trim(regexp_replace(lower(full_name), '\s+', ' ', 'g')) AS person_name
  FROM l_hr_people
),
days AS (SELECT seen, lead(seen) OVER (ORDER BY seen) AS next_seen FROM (SELECT DISTINCT seen FROM snapshots)),
marked AS (
  SELECT s.*, d.next_seen,
    md5(concat_ws('~', s.badge, s.login, s.person_name, s.role, s.team_code, s.site_or_area, s.supervisor_id,
      s.loan_team, s.loan_from, s.loan_to, s.effective_from, s.hired_on, s.left_on)) AS mark
  FROM snapshots s JOIN days d USING (seen)
),
runs AS (
  SELECT *, CASE WHEN mark IS NOT DISTINCT FROM lag(mark) OVER w AND lag(next_seen) OVER w = seen THEN 0 ELSE 1 END AS starts
  FROM marked WINDOW w AS (PARTITION BY employee_id ORDER BY seen)
),
numbered AS (SELECT *, sum(starts) OVER (PARTITION BY employee_id ORDER BY seen) AS run FROM runs)
SELECT employee_id, min(seen) AS seen_from, max(coalesce(next_seen, DATE '9999-12-31')) AS seen_to,
  any_value(badge) AS badge, any_value(login) AS login, any_value(full_name) AS full_name,
  any_value(person_name) AS person_name, any_value(role) AS role, any_value(team_code) AS team_code,
  any_value(site_or_area) AS site_or_area, any_value(supervisor_id) AS supervisor_id,
  any_value(hired_on) AS hired_on, any_value(left_on) AS left_on, any_value(loan_team) AS loan_team,
  any_value(loan_from) AS loan_from, any_value(loan_to) AS loan_to, any_value(effective_from) AS effective_from
FROM numbered GROUP BY employee_id, run
