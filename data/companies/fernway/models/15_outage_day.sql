-- fact: outage_day
-- about: "days on which an area had nearly twice as many nodes in trouble as was usual there in the four weeks before"
-- key: [area_code, day]
-- day: day
-- needs: {f_outage_area: [28, 0]}
WITH usual AS (
  SELECT area_code, day, nodes, median(nodes) OVER w AS typical, count(*) OVER w AS known FROM f_outage_area
  WINDOW w AS (PARTITION BY area_code ORDER BY day RANGE BETWEEN INTERVAL 28 DAY PRECEDING AND INTERVAL 1 DAY PRECEDING)
)
SELECT area_code, day, known >= 7 AND nodes > 1.8 * typical AS outage FROM usual
