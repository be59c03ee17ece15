-- Wrong labels with a description.
-- Cells: by gold, 6 * (actions fit) + 2 * (words: 0 none, 1 named, 2 fit) + (label neutral).
WITH named AS (
    SELECT description, true AS has_named FROM said_categories WHERE category = gold
)
SELECT
    verdicts.model, verdicts.unit,
    12 * (place(verdicts.gold) - 1)
    + 6 * (actions_described = verdicts.gold)::INTEGER
    + 2 * CASE WHEN terms_described = verdicts.gold THEN 2 WHEN has_named THEN 1 ELSE 0 END
    + is_neutral(verdicts.label)::INTEGER AS cell,
    sum(verdicts.weight)::BIGINT AS n
FROM (FROM verdicts WHERE support = 'strict' AND unscored IS NULL AND label <> gold) AS verdicts
JOIN pairs USING (pair)
LEFT JOIN named ON named.description = verdicts.description
GROUP BY verdicts.model, verdicts.unit, cell
ORDER BY verdicts.model, verdicts.unit
