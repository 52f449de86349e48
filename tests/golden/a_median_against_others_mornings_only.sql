-- title: a median against others, mornings only
-- as: omar.osei
-- query: {"metric": "time_to_repair", "about": {"team": ["F-NLAK-2"]}, "by": ["team"], "compare": ["others"], "where": {"part_of_day": ["morning"]}, "period": {"from": "2026-10-01", "to": "2026-11-01"}}
WITH f AS (
  SELECT
    "r"."n" AS "n",
    "r"."team" AS "unit",
    "r"."team" AS "home",
    "r"."mix" AS "mix",
    "r"."person" AS "who",
    "r"."n" * LN((
      "r"."value" + 1
    )) AS "num",
    "r"."n" AS "den",
    "r"."n" * LN((
      "r"."value" + 1
    )) * LN((
      "r"."value" + 1
    )) AS "squares"
  FROM m_time_to_repair AS r
  WHERE
    "r"."day" >= CAST($1 AS DATE)
    AND "r"."day" < CAST($2 AS DATE)
    AND "r"."part_of_day" IN ($3)
), b AS (
  SELECT
    "f"."unit" AS "unit",
    "f"."home" AS "home",
    "f"."mix" AS "mix",
    SUM("f"."num") AS "num",
    SUM("f"."den") AS "den",
    SUM("f"."n") AS "n",
    SUM("f"."squares") AS "squares"
  FROM f
  GROUP BY
    "f"."unit",
    "f"."home",
    "f"."mix"
), k AS (
  SELECT
    CASE WHEN "b"."unit" IN ($6) THEN "b"."unit" END AS "unit",
    CASE
      WHEN NOT "b"."unit" IS NULL
      AND (
        (
          "u"."kind" IN ($5)
        ) OR "b"."unit" IN ($6)
      )
      THEN MD5($7 || "b"."unit")
    END AS "token",
    CASE WHEN "u"."kind" IN ($5) THEN 1 ELSE 0 END AS "shown",
    "b"."unit" AS "code",
    "b"."mix" AS "mix",
    "b"."num" AS "num",
    "b"."den" AS "den",
    "b"."n" AS "n",
    "b"."squares" AS "squares"
  FROM b
  LEFT JOIN units AS u
    ON "u"."level" = $4 AND "u"."code" = "b"."home"
), h AS (
  SELECT
    "f"."unit" AS "unit",
    "f"."who" AS "who",
    SUM("f"."n") AS "n"
  FROM f
  GROUP BY
    "f"."unit",
    "f"."who"
), i AS (
  SELECT
    "h"."unit" AS "unit",
    COUNT("h"."who") AS "people",
    MAX(CASE WHEN NOT "h"."who" IS NULL THEN "h"."n" END) AS "biggest"
  FROM h
  GROUP BY
    "h"."unit"
)
SELECT
  "k"."unit" AS "unit",
  "k"."token" AS "token",
  "k"."shown" AS "shown",
  "k"."mix" AS "mix",
  SUM("k"."num") AS "num",
  SUM("k"."den") AS "den",
  SUM("k"."n") AS "n",
  SUM("k"."squares") AS "squares",
  MAX("i"."people") AS "people",
  MAX("i"."biggest") AS "biggest"
FROM k
LEFT JOIN i
  ON "i"."unit" = "k"."code"
GROUP BY
  "k"."unit",
  "k"."token",
  "k"."shown",
  "k"."mix"
