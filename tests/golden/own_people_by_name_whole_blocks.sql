-- title: own people by name, whole blocks
-- as: omar.osei
-- query: {"metric": "late_arrival_rate", "about": {"team": ["F-NLAK-2"]}, "by": ["person"], "period": {"from": "2026-10-01", "to": "2026-11-01"}}
WITH f AS (
  SELECT
    CASE
      WHEN "r"."person" IN ($5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
      THEN "r"."person"
    END AS "person",
    "r"."num" AS "num",
    "r"."den" AS "den",
    "r"."n" AS "n",
    "r"."person" AS "who"
  FROM m_late_arrival_rate AS r
  WHERE
    "r"."day" >= CAST($1 AS DATE)
    AND "r"."day" < CAST($2 AS DATE)
    AND "r"."team" IN ($3)
    AND "r"."team" IN ($4)
), p AS (
  SELECT
    "f"."person" AS "person",
    "f"."who" AS "who",
    SUM("f"."num") AS "num",
    SUM("f"."den") AS "den",
    SUM("f"."n") AS "n"
  FROM f
  GROUP BY
    "f"."person",
    "f"."who"
)
SELECT
  "p"."person" AS "person",
  SUM("p"."num") AS "num",
  SUM("p"."den") AS "den",
  SUM("p"."n") AS "n",
  COUNT("p"."who") AS "people",
  MAX(CASE WHEN NOT "p"."who" IS NULL THEN "p"."n" END) AS "biggest"
FROM p
GROUP BY
  "p"."person"
