-- table: turn_steps
-- about: "how many customers more or fewer are over two problems, good ones, good ones who were thanked, from a day on, by cell"
-- key: [day, area, product, segment]
-- redo: sum
-- needs: {customer_turns: whole}
SELECT day, area, product, segment, CAST(sum(over) AS BIGINT) AS over, CAST(sum(good) AS BIGINT) AS good, CAST(sum(thanked) AS BIGINT) AS thanked
FROM customer_turns GROUP BY ALL HAVING sum(over) <> 0 OR sum(good) <> 0 OR sum(thanked) <> 0
