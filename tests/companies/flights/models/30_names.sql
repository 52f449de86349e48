-- table: names
-- about: lay names of destinations
-- key: [dimension, value, name]
-- needs: {s_airports: whole}
SELECT 'destination' AS dimension, faa AS value, name FROM s_airports
