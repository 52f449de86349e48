-- title: me against others
-- as: jonas.moreau
-- query: {"metric": "late_arrival_rate", "about": {"person": ["jonas.moreau"]}, "by": ["person"], "compare": ["others"], "period": {"from": "2026-10-01", "to": "2026-11-01"}}
WITH f AS (
  SELECT
    "r"."n" AS "n",
    "r"."person" AS "unit",
    "r"."team" AS "home",
    "r"."mix" AS "mix",
    "r"."person" AS "who",
    "r"."num" AS "num",
    "r"."den" AS "den",
    0 AS "squares"
  FROM m_late_arrival_rate AS r
  WHERE
    "r"."day" >= CAST($1 AS DATE) AND "r"."day" < CAST($2 AS DATE)
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
          "u"."kind" IN ($4) AND "u"."density" IN ($5)
        ) OR "b"."unit" IN ($6)
      )
      THEN MD5($7 || "b"."unit")
    END AS "token",
    CASE WHEN "u"."kind" IN ($4) AND "u"."density" IN ($5) THEN 1 ELSE 0 END AS "shown",
    "b"."unit" AS "code",
    "b"."mix" AS "mix",
    "b"."num" AS "num",
    "b"."den" AS "den",
    "b"."n" AS "n",
    "b"."squares" AS "squares"
  FROM b
  LEFT JOIN units AS u
    ON "u"."level" = $3 AND "u"."code" = "b"."home"
)
SELECT
  "k"."unit" AS "unit",
  "k"."token" AS "token",
  "k"."shown" AS "shown",
  "k"."mix" AS "mix",
  SUM("k"."num") AS "num",
  SUM("k"."den") AS "den",
  SUM("k"."n") AS "n",
  SUM("k"."squares") AS "squares"
FROM k
GROUP BY
  "k"."unit",
  "k"."token",
  "k"."shown",
  "k"."mix"
