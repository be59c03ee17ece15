-- What people read in descriptions, to stand in the place of what descan reads. A refusal is what more people read as one
-- than as a category or Undecided. Of several people, scores are the shares of their readings.
CREATE TABLE overriding AS
WITH given AS (
    SELECT item_id, model, repeat, count(*) FILTER (status = 'refusal') > count(*) FILTER (status = 'read') AS refused
    FROM given_readings
    WHERE kind = 'person' AND status IN ('read', 'refusal')
    GROUP BY ALL
), shares AS (
    SELECT item_id, model, repeat, position, valence, coalesce(avg((read = emotion)::INTEGER), 0) AS share
    FROM given CROSS JOIN emotions LEFT JOIN reader_readings USING (item_id, model, repeat)
    GROUP BY ALL
), scored AS (
    SELECT item_id, model, repeat, list(share ORDER BY position) AS scores, sum(share * valence) AS valence
    FROM shares
    GROUP BY ALL
)
SELECT item_id, model, repeat, refused, coalesce(read, 'Undecided') AS described, scores, valence
FROM given
JOIN scored USING (item_id, model, repeat)
LEFT JOIN human_readings USING (item_id, model, repeat);
