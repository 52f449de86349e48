-- title: a share of one theme
-- as: victor.holm
-- query: {"metric": "theme_share", "where": {"theme": ["late_visit"]}, "period": {"from": "2026-10-01", "to": "2026-11-01"}}
WITH f AS (
  SELECT
    "r"."num" AS "num",
    "r"."den" AS "den",
    "r"."n" AS "n",
    "r"."person" AS "who"
  FROM m_theme_share AS r
  WHERE
    "r"."day" >= CAST($1 AS DATE)
    AND "r"."day" < CAST($2 AS DATE)
    AND (
      "r"."theme" IN ($3) OR "r"."theme" IS NULL
    )
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
