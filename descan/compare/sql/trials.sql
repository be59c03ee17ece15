-- Every answer to an item with gold, repeats as rows of their own: whether it is right, NULL where it has no category.
-- A neutral gold is left aside in mode classify6, which does not offer it.
WITH answered AS (
    SELECT item_id, model, mode, repeat, described AS given
    FROM (SELECT DISTINCT item_id, model, mode, repeat FROM answers WHERE mode = 'describe')
    LEFT JOIN descriptions USING (item_id, model, repeat)
    UNION ALL
    SELECT item_id, model, mode, repeat, label AS given FROM labels
)
SELECT item_id, unit, model, mode, repeat, CASE WHEN is_category(given) THEN (given = gold)::INTEGER END AS is_right
FROM answered JOIN items USING (item_id) JOIN units USING (item_id)
WHERE gold IS NOT NULL AND NOT (mode = 'classify6' AND is_neutral(gold))
