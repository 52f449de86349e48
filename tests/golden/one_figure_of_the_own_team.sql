-- title: one figure of the own team
-- as: omar.osei
-- query: {"metric": "late_arrival_rate", "about": {"team": ["F-NLAK-2"]}, "period": {"from": "2026-11-16", "to": "2026-11-19"}}
WITH f AS (
  SELECT
    "r"."num" AS "num",
    "r"."den" AS "den",
    "r"."n" AS "n"
  FROM t_late_arrival_rate AS r
  WHERE
    "r"."day" >= CAST($1 AS DATE)
    AND "r"."day" < CAST($2 AS DATE)
    AND "r"."team" IN ($3)
)
SELECT
  SUM("f"."num") AS "num",
  SUM("f"."den") AS "den",
  SUM("f"."n") AS "n"
FROM f
