-- table: hr_said
-- about: "what HR said of each employment, one row per change of what it said, by the day of the snapshot"
-- key: [employee_id, seen_from]
-- needs: {l_hr_people: whole}
WITH days AS (
  SELECT _part, CAST(strptime(_part, '%Y%m%d') AS DATE) AS seen, row_number() OVER w AS number,
    lead(CAST(strptime(_part, '%Y%m%d') AS DATE)) OVER w AS next_seen
  FROM (SELECT DISTINCT _part FROM l_hr_people) WINDOW w AS (ORDER BY _part)
),
names AS (
  SELECT full_name, trim(regexp_replace(lower(full_name), '\s+', ' ', 'g')) AS person_name FROM (SELECT DISTINCT full_name FROM l_hr_people)
),
marked AS (
  SELECT s.*, n.person_name, d.seen, d.next_seen, d.number, hash(s.badge, s.login, n.person_name, s.role, s.team_code, s.site_or_area,
    s.supervisor_id, s.loan_team, s.loan_from, s.loan_to, s.effective_from, s.hired_on, s.left_on) AS mark
  FROM l_hr_people s JOIN days d USING (_part) LEFT JOIN names n USING (full_name)
),
-- snapshots one after the other that say the same are one run; few people are told of as before once something else was said
again AS (SELECT employee_id, mark FROM marked GROUP BY employee_id, mark HAVING count(*) <= max(number) - min(number)),
runs AS (
  SELECT *, 0 AS run FROM marked ANTI JOIN again USING (employee_id, mark)
  UNION ALL
  SELECT *, number - row_number() OVER (PARTITION BY employee_id, mark ORDER BY number) FROM marked SEMI JOIN again USING (employee_id, mark)
)
SELECT employee_id, min(seen) AS seen_from, max(coalesce(next_seen, DATE '9999-12-31')) AS seen_to,
  any_value(badge) AS badge, any_value(login) AS login, any_value(full_name) AS full_name,
  any_value(person_name) AS person_name, any_value(role) AS role, any_value(team_code) AS team_code,
  any_value(site_or_area) AS site_or_area, any_value(supervisor_id) AS supervisor_id,
  any_value(hired_on) AS hired_on, any_value(left_on) AS left_on, any_value(loan_team) AS loan_team,
  any_value(loan_from) AS loan_from, any_value(loan_to) AS loan_to, any_value(effective_from) AS effective_from
FROM runs GROUP BY employee_id, mark, run
