-- table: desks
-- about: "the dispatch desk that plans an area; the only desk of a region plans all of it"
-- key: area
-- needs: {codes: whole, csv_teams: whole, units: whole}
WITH here AS (SELECT code, region FROM units WHERE level = 'team' AND kind = 'dispatch desk')
SELECT a.area, coalesce(any_value(c.code) FILTER (c.code IN (SELECT code FROM here)), min(h.code)) AS desk
FROM (SELECT DISTINCT area, region FROM csv_teams WHERE coalesce(area, '') <> '') a
LEFT JOIN codes c ON c.list = 'desk_areas' AND c.value = a.area LEFT JOIN here h ON h.region = a.region
GROUP BY a.area
