-- Wrong labels with a description.
-- Cells: by gold, 6 * (actions fit) + 2 * (words: 0 none, 1 named, 2 fit) + (label neutral).
WITH named AS (
    SELECT DISTINCT item_id, descriptions.model, true AS has_named
    FROM said_categories JOIN descriptions USING (description)
    WHERE category = said_categories.gold
)
SELECT
    verdicts.model, verdicts.unit,
    12 * (place(verdicts.gold) - 1)
    + 6 * (actions_described = verdicts.gold)::INTEGER
    + 2 * CASE WHEN terms_described = verdicts.gold THEN 2 WHEN has_named THEN 1 ELSE 0 END
    + is_neutral(verdicts.label)::INTEGER AS cell,
    count(*) AS n
FROM (FROM verdicts WHERE support = 'strict' AND unscored IS NULL AND label <> gold) AS verdicts
JOIN pairs USING (pair)
LEFT JOIN named ON named.item_id = verdicts.item_id AND named.model = verdicts.model
GROUP BY verdicts.model, verdicts.unit, cell
ORDER BY verdicts.model, verdicts.unit
