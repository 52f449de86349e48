-- table: membership
-- about: "who belonged to which team from when to when, as known now"
-- key: [person, kind, valid_from]
-- needs: {membership_known: whole}
SELECT person, team, kind, valid_from, valid_to FROM membership_known WHERE superseded_at = DATE '9999-12-31'
