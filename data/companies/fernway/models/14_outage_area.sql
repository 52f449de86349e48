-- fact: outage_area
-- about: "nodes of the network in trouble, by area and UTC day; what follows from another alarm is not counted again"
-- key: [area_code, day]
-- day: day
-- needs: {s_network_outages: 0}
SELECT area_code, _day AS day, count(DISTINCT node_id) AS nodes FROM s_network_outages
WHERE event = 'RAISE' AND root_alarm_id IS NULL AND area_code IS NOT NULL GROUP BY area_code, _day
