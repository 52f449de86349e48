-- title: a series by week
-- as: victor.holm
-- query: {"metric": "late_arrival_rate", "grain": "week", "period": {"from": "2026-10-01", "to": "2026-11-01"}}
WITH f AS (
  SELECT
    "c"."week" AS "bucket",
    "r"."num" AS "num",
    "r"."den" AS "den",
    "r"."n" AS "n"
  FROM t_late_arrival_rate AS r
  JOIN calendar AS c
    ON "c"."day" = "r"."day"
  WHERE
    "r"."day" >= CAST($1 AS DATE) AND "r"."day" < CAST($2 AS DATE)
)
SELECT
  "f"."bucket" AS "bucket",
  SUM("f"."num") AS "num",
  SUM("f"."den") AS "den",
  SUM("f"."n") AS "n"
FROM f
GROUP BY
  "f"."bucket"
