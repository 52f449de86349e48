-- table: places
-- about: "the areas by the code that the field systems use, with density, region and clock"
-- key: area_code
-- needs: {csv_teams: whole, codes: whole, zones: whole}
SELECT c.code AS area_code, c.value AS area, any_value(t.density) AS density, any_value(t.region) AS region,
  any_value(z.zone) AS zone
FROM codes c JOIN csv_teams t ON t.area = c.value JOIN zones z ON z.code = t.region
WHERE c.list = 'area_code' GROUP BY c.code, c.value
