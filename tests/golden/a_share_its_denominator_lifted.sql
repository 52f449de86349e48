-- title: a share, its denominator lifted
-- as: victor.holm
-- query: {"metric": "theme_share", "by": ["theme", "region"], "period": {"from": "2026-10-01", "to": "2026-11-01"}}
WITH f AS (
  SELECT
    "r"."region" AS "region",
    "r"."theme" AS "theme",
    "r"."num" AS "num",
    "r"."den" AS "den",
    "r"."n" AS "n",
    "r"."person" AS "who"
  FROM m_theme_share AS r
  WHERE
    "r"."day" >= CAST($1 AS DATE) AND "r"."day" < CAST($2 AS DATE)
), p AS (
  SELECT
    "f"."region" AS "region",
    "f"."theme" AS "theme",
    "f"."who" AS "who",
    SUM("f"."num") AS "num",
    SUM("f"."den") AS "den",
    SUM("f"."n") AS "n"
  FROM f
  GROUP BY
    "f"."region",
    "f"."theme",
    "f"."who"
), s AS (
  SELECT
    "p"."region" AS "region",
    "p"."theme" AS "theme",
    SUM("p"."num") AS "num",
    SUM("p"."den") AS "den",
    SUM("p"."n") AS "n",
    COUNT("p"."who") AS "people",
    MAX(CASE WHEN NOT "p"."who" IS NULL THEN "p"."n" END) AS "biggest"
  FROM p
  GROUP BY
    "p"."region",
    "p"."theme"
), w AS (
  SELECT
    "s"."region" AS "region",
    "s"."theme" AS "theme",
    "s"."num" AS "num",
    SUM("s"."den") OVER (PARTITION BY "s"."region") AS "den",
    "s"."n" AS "n",
    "s"."people" AS "people",
    "s"."biggest" AS "biggest"
  FROM s
)
SELECT
  "w"."region" AS "region",
  "w"."theme" AS "theme",
  "w"."num" AS "num",
  "w"."den" AS "den",
  "w"."n" AS "n",
  "w"."people" AS "people",
  "w"."biggest" AS "biggest"
FROM w
WHERE
  NOT "w"."theme" IS NULL
