-- table: units
-- about: the airlines and the two airports
-- key: [level, code]
-- needs: {s_flights: whole, s_airlines: whole, s_airports: whole}
SELECT 'airline' AS level, carrier AS code, name, 'airline' AS work, 'airline' AS kind, CAST(NULL AS VARCHAR) AS density,
  CAST(NULL AS VARCHAR) AS leader, 0 AS staff, carrier AS airline, CAST(NULL AS VARCHAR) AS airport
FROM s_airlines WHERE carrier IN (SELECT carrier FROM s_flights)
UNION ALL
SELECT 'airport', faa, name, 'airport', 'airport', NULL, NULL, 0, NULL, faa FROM s_airports WHERE faa IN (SELECT origin FROM s_flights)
