-- title: one figure of the own team
-- as: omar.osei
-- query: {"metric": "late_arrival_rate", "about": {"team": ["F-NLAK-2"]}, "period": {"from": "2026-11-16", "to": "2026-11-19"}}
WITH f AS (
  SELECT
    "r"."num" AS "num",
    "r"."den" AS "den",
    "r"."n" AS "n",
    "r"."person" AS "who"
  FROM m_late_arrival_rate AS r
  WHERE
    "r"."day" >= CAST($1 AS DATE)
    AND "r"."day" < CAST($2 AS DATE)
    AND "r"."team" IN ($3)
), p AS (
  SELECT
    "f"."who" AS "who",
    SUM("f"."num") AS "num",
    SUM("f"."den") AS "den",
    SUM("f"."n") AS "n"
  FROM f
  GROUP BY
    "f"."who"
)
SELECT
  SUM("p"."num") AS "num",
  SUM("p"."den") AS "den",
  SUM("p"."n") AS "n",
  COUNT("p"."who") AS "people",
  MAX(CASE WHEN NOT "p"."who" IS NULL THEN "p"."n" END) AS "biggest"
FROM p
