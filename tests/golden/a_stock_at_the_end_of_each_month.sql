-- title: a stock at the end of each month
-- as: victor.holm
-- query: {"metric": "over_two_problems_rate", "grain": "month", "period": {"from": "2026-10-01", "to": "2026-11-01"}}
WITH f AS (
  SELECT
    "c"."month" AS "bucket",
    "r"."num" AS "num",
    "r"."den" AS "den",
    "r"."n" AS "n"
  FROM t_over_two_problems_rate AS r
  JOIN calendar AS c
    ON "c"."day" = "r"."day"
  WHERE
    "r"."day" >= CAST($1 AS DATE)
    AND "r"."day" < CAST($2 AS DATE)
    AND "r"."day" IN (
      SELECT
        MAX("d"."day") AS "day"
      FROM t_over_two_problems_rate AS d
      JOIN calendar AS k
        ON "k"."day" = "d"."day"
      WHERE
        "d"."day" >= CAST($1 AS DATE) AND "d"."day" < CAST($2 AS DATE)
      GROUP BY
        "k"."month"
    )
)
SELECT
  "f"."bucket" AS "bucket",
  SUM("f"."num") AS "num",
  SUM("f"."den") AS "den",
  SUM("f"."n") AS "n"
FROM f
GROUP BY
  "f"."bucket"
