-- title: a median by fault type with people
-- as: victor.holm
-- query: {"metric": "time_to_repair", "by": ["fault_type"], "period": {"from": "2026-10-01", "to": "2026-11-01"}}
WITH f AS (
  SELECT
    "r"."fault_type" AS "fault_type",
    "r"."value" AS "value",
    "r"."mirror" AS "mirror",
    "r"."n" AS "n",
    "r"."person" AS "who"
  FROM m_time_to_repair AS r
  WHERE
    "r"."day" >= CAST($1 AS DATE) AND "r"."day" < CAST($2 AS DATE)
), h AS (
  SELECT
    "f"."fault_type" AS "fault_type",
    "f"."value" AS "value",
    SUM("f"."mirror") AS "mirror",
    SUM("f"."n") AS "n"
  FROM f
  GROUP BY
    "f"."fault_type",
    "f"."value"
), m AS (
  SELECT
    "h"."fault_type" AS "fault_type",
    "h"."value" AS "value",
    "h"."mirror" AS "mirror",
    "h"."n" AS "n",
    SUM("h"."n") OVER (
      PARTITION BY "h"."fault_type"
      ORDER BY "h"."value"
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS "upto",
    SUM("h"."n") OVER (PARTITION BY "h"."fault_type") AS "whole"
  FROM h
), v AS (
  SELECT
    "m"."fault_type" AS "fault_type",
    CAST((
      MIN(CASE WHEN 2 * "m"."upto" >= "m"."whole" THEN "m"."value" END) + MIN(CASE WHEN 2 * "m"."upto" > "m"."whole" THEN "m"."value" END)
    ) AS DOUBLE) / 2 AS "value",
    SUM("m"."mirror") AS "mirror",
    SUM("m"."n") AS "n"
  FROM m
  GROUP BY
    "m"."fault_type"
), p AS (
  SELECT
    "f"."fault_type" AS "fault_type",
    "f"."who" AS "who",
    SUM("f"."n") AS "n"
  FROM f
  GROUP BY
    "f"."fault_type",
    "f"."who"
), b AS (
  SELECT
    "p"."fault_type" AS "fault_type",
    SUM("p"."n") AS "n",
    COUNT("p"."who") AS "people",
    MAX(CASE WHEN NOT "p"."who" IS NULL THEN "p"."n" END) AS "biggest"
  FROM p
  GROUP BY
    "p"."fault_type"
)
SELECT
  "v"."fault_type" AS "fault_type",
  "v"."value" AS "value",
  "v"."mirror" AS "mirror",
  "v"."n" AS "n",
  "b"."people" AS "people",
  "b"."biggest" AS "biggest"
FROM v
JOIN b
  ON "v"."fault_type" IS NOT DISTINCT FROM "b"."fault_type"
