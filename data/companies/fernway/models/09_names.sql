-- table: names
-- about: "lay names beyond the catalogue's"
-- key: [dimension, value, name]
-- needs: {codes: whole}
SELECT DISTINCT list AS dimension, value, lower(replace(code, '_', ' ')) AS name FROM codes WHERE list = 'partner' AND false
