-- fact: change
-- about: "one row per answer after a case with the answer before it: at the start of the case, or the last regular one"
-- key: invite_id
-- day: day
-- alone: invite_id
-- needs:
--   f_survey: {reach: 0, where: kind = 'AFTER' AND ref_type = 'CASE' AND satisfied IS NOT NULL}
--   f_case: {by: {case_id: "TRY_CAST(ref_id AS BIGINT)"}, of: f_survey}
--   befores: {table: f_survey, by: ref_id, of: f_survey, reach: [160, 30], where: "kind IN ('BEFORE', 'REGULAR') AND satisfied IS NOT NULL"}
--   regular: {table: f_survey, by: {ref_id: "CAST(customer_id AS VARCHAR)"}, of: f_case, where: kind = 'REGULAR' AND satisfied IS NOT NULL}
-- lookup:
--   - {from: ids, by: {kind: id_kind, id: owner}, take: {person: person, hired_on: hired_on}, day: day}
WITH afters AS (
  SELECT a.invite_id, a.day, a.ref_id, a.answered_at, a.satisfied AS score, c.case_id, c.customer_id, c.owner, c.id_kind, c.channel, c.theme, c.area, c.density,
    c.region, c.segment, c.product, c.confirmed_day, c.closed_day
  FROM f_survey a JOIN f_case c ON c.case_id = TRY_CAST(a.ref_id AS BIGINT)
),
answers AS (
  SELECT invite_id, kind, ref_id, answered_at, satisfied AS score FROM (SELECT * FROM befores UNION SELECT * FROM regular)
),
first_said AS (
  SELECT f.invite_id, coalesce(
    arg_max(b.score, (b.answered_at, b.invite_id)) FILTER (b.kind = 'BEFORE' AND b.ref_id = f.ref_id),
    arg_max(b.score, (b.answered_at, b.invite_id)) FILTER (b.kind = 'REGULAR')) AS score
  FROM afters f JOIN answers b ON b.answered_at < f.answered_at AND b.answered_at >= f.answered_at - INTERVAL 120 DAY
    AND (b.ref_id = f.ref_id OR (b.kind = 'REGULAR' AND b.ref_id = CAST(f.customer_id AS VARCHAR)))
  GROUP BY f.invite_id
)
SELECT f.invite_id, f.day, CAST(f.answered_at AS DATE) AS answered_day, f.case_id, f.customer_id, f.owner, f.id_kind, f.channel, f.theme, f.area, f.density, f.region, f.segment, f.product,
  f.confirmed_day, f.score AS after_score, b.score AS before_score, f.score - b.score AS change
FROM afters f JOIN first_said b USING (invite_id)
