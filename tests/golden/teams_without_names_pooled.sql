-- title: teams without names, pooled
-- as: victor.holm
-- query: {"metric": "late_arrival_rate", "by": ["job_type", "team"], "period": {"from": "2026-10-01", "to": "2026-11-01"}}
WITH f AS (
  SELECT
    "r"."job_type" AS "job_type",
    CAST(NULL AS TEXT) AS "team",
    "r"."num" AS "num",
    "r"."den" AS "den",
    "r"."n" AS "n",
    "r"."person" AS "who"
  FROM m_late_arrival_rate AS r
  WHERE
    "r"."day" >= CAST($1 AS DATE) AND "r"."day" < CAST($2 AS DATE)
), p AS (
  SELECT
    "f"."job_type" AS "job_type",
    "f"."team" AS "team",
    "f"."who" AS "who",
    SUM("f"."num") AS "num",
    SUM("f"."den") AS "den",
    SUM("f"."n") AS "n"
  FROM f
  GROUP BY
    "f"."job_type",
    "f"."team",
    "f"."who"
)
SELECT
  "p"."job_type" AS "job_type",
  "p"."team" AS "team",
  SUM("p"."num") AS "num",
  SUM("p"."den") AS "den",
  SUM("p"."n") AS "n",
  COUNT("p"."who") AS "people",
  MAX(CASE WHEN NOT "p"."who" IS NULL THEN "p"."n" END) AS "biggest"
FROM p
GROUP BY
  "p"."job_type",
  "p"."team"
