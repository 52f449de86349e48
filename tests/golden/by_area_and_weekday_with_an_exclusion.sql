-- title: by area and weekday, with an exclusion
-- as: omar.osei
-- query: {"metric": "late_arrival_rate", "by": ["area", "weekday"], "where": {"job_type": {"not": ["install"]}}, "period": {"from": "2026-10-01", "to": "2026-11-01"}}
WITH f AS (
  SELECT
    "r"."area" AS "area",
    "c"."weekday" AS "weekday",
    "r"."num" AS "num",
    "r"."den" AS "den",
    "r"."n" AS "n",
    "r"."person" AS "who"
  FROM m_late_arrival_rate AS r
  JOIN calendar AS c
    ON "c"."day" = "r"."day"
  WHERE
    "r"."day" >= CAST($1 AS DATE)
    AND "r"."day" < CAST($2 AS DATE)
    AND (
      NOT "r"."job_type" IN ($3) OR "r"."job_type" IS NULL
    )
), p AS (
  SELECT
    "f"."area" AS "area",
    "f"."weekday" AS "weekday",
    "f"."who" AS "who",
    SUM("f"."num") AS "num",
    SUM("f"."den") AS "den",
    SUM("f"."n") AS "n"
  FROM f
  GROUP BY
    "f"."area",
    "f"."weekday",
    "f"."who"
)
SELECT
  "p"."area" AS "area",
  "p"."weekday" AS "weekday",
  SUM("p"."num") AS "num",
  SUM("p"."den") AS "den",
  SUM("p"."n") AS "n",
  COUNT("p"."who") AS "people",
  MAX(CASE WHEN NOT "p"."who" IS NULL THEN "p"."n" END) AS "biggest"
FROM p
GROUP BY
  "p"."area",
  "p"."weekday"
