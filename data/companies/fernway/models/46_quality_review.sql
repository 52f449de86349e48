-- fact: quality_review
-- about: "one row per review of a contact: points of 100"
-- key: review_id
-- day: day
-- alone: review_id
-- needs:
--   s_qa_scores: 0
--   f_contact: {by: {contact_id: contact_ref}, of: s_qa_scores}
-- optional:
--   f_contact: "contact_id VARCHAR, channel VARCHAR, part_of_day VARCHAR, reason VARCHAR, day DATE"
-- lookup:
--   - {from: ids, by: {kind: id_kind, id: who}, take: {person: person, hired_on: hired_on}, day: day}
SELECT q.review_id, q._day AS day, q.reviewer, coalesce(q.dispute, false) AS in_dispute,
  -- the agent is typed as a login or as a name
  CASE WHEN contains(q.agent, ' ') THEN 'name' ELSE 'login' END AS id_kind, trim(regexp_replace(q.agent, '\s+', ' ', 'g')) AS who,
  coalesce(q.understanding, 0) + coalesce(q.empathy, 0) + coalesce(q.right_answer, 0) + coalesce(q.ownership, 0) + coalesce(q.next_step, 0) AS points,
  c.channel, c.part_of_day, c.reason
FROM s_qa_scores q LEFT JOIN f_contact c ON c.contact_id = q.contact_ref
