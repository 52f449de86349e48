-- table: ids
-- about: "whose a badge, a login or a typed name was on a day. An id stays its last holder's until it is given to somebody else"
-- key: [kind, id]
-- needs: {hr_said: whole, employments: whole}
WITH used AS (
  SELECT 'badge' AS kind, s.badge AS id, e.person, e.since AS hired_on, min(coalesce(s.hired_on, s.seen_from)) AS from_day
  FROM hr_said s JOIN employments e USING (employee_id) WHERE s.badge IS NOT NULL GROUP BY ALL
  UNION ALL
  SELECT 'login', s.login, e.person, e.since, min(coalesce(s.hired_on, s.seen_from))
  FROM hr_said s JOIN employments e USING (employee_id) WHERE s.login IS NOT NULL GROUP BY ALL
  UNION ALL
  SELECT 'employee', s.employee_id, e.person, e.since, min(coalesce(s.hired_on, s.seen_from))
  FROM hr_said s JOIN employments e USING (employee_id) GROUP BY ALL
  UNION ALL
  SELECT 'name', s.person_name, e.person, e.since, min(coalesce(s.hired_on, s.seen_from))
  FROM hr_said s JOIN employments e USING (employee_id) GROUP BY ALL
),
held AS (SELECT kind, id, person, min(hired_on) AS hired_on, min(from_day) AS from_day FROM used GROUP BY kind, id, person),
ordered AS (
  SELECT *, row_number() OVER w AS place, lead(from_day) OVER w AS next_from
  FROM held WINDOW w AS (PARTITION BY kind, id ORDER BY from_day, person)
)
SELECT kind, id, person, hired_on, CASE WHEN place = 1 THEN DATE '1900-01-01' ELSE from_day END AS valid_from,
  coalesce(next_from, DATE '9999-12-31') AS valid_to
FROM ordered WHERE next_from IS NULL OR next_from > from_day
