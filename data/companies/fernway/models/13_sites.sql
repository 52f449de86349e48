-- table: sites
-- about: "the contact centres and partner sites by the code that telephony uses, with region and clock"
-- key: site_code
-- needs: {csv_teams: whole, codes: whole, zones: whole}
SELECT c.code AS site_code, c.value AS site, any_value(t.region) AS region, any_value(z.zone) AS zone, CAST(NULL AS VARCHAR) AS partner
FROM codes c JOIN csv_teams t ON t.site = c.value JOIN zones z ON z.code = t.region WHERE c.list = 'site' GROUP BY c.code, c.value
UNION ALL
-- partners keep the clock of the Central region
SELECT c.code, NULL, NULL, z.zone, c.value FROM codes c, zones z WHERE c.list = 'partner_site' AND z.code = 'Central'
