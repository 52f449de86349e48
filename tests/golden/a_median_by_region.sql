-- title: a median by region
-- as: victor.holm
-- query: {"metric": "minutes_late", "by": ["region"], "period": {"from": "2026-10-01", "to": "2026-11-01"}}
WITH f AS (
  SELECT
    "r"."region" AS "region",
    "r"."value" AS "value",
    "r"."n" AS "n"
  FROM t_minutes_late AS r
  WHERE
    "r"."day" >= CAST($1 AS DATE) AND "r"."day" < CAST($2 AS DATE)
), h AS (
  SELECT
    "f"."region" AS "region",
    "f"."value" AS "value",
    SUM("f"."n") AS "n"
  FROM f
  GROUP BY
    "f"."region",
    "f"."value"
), m AS (
  SELECT
    "h"."region" AS "region",
    "h"."value" AS "value",
    "h"."n" AS "n",
    SUM("h"."n") OVER (
      PARTITION BY "h"."region"
      ORDER BY "h"."value"
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS "upto",
    SUM("h"."n") OVER (PARTITION BY "h"."region") AS "whole"
  FROM h
)
SELECT
  "m"."region" AS "region",
  CAST((
    MIN(CASE WHEN 2 * "m"."upto" >= "m"."whole" THEN "m"."value" END) + MIN(CASE WHEN 2 * "m"."upto" > "m"."whole" THEN "m"."value" END)
  ) AS DOUBLE) / 2 AS "value",
  SUM("m"."n") AS "n"
FROM m
GROUP BY
  "m"."region"
