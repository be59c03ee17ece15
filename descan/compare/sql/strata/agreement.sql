-- Models as coders, items as units; Undecided, and what is not a category, counts as missing.
-- Cells: models that gave the category, for each; then for an item with m = 2, 3, ... models, the ordered pairs that
-- agree and the items.
WITH given AS (
    SELECT 'describe' AS mode, item_id, unit, described AS category FROM pairs WHERE described <> 'Undecided'
    UNION ALL
    SELECT mode, item_id, unit, label FROM labelled JOIN units USING (item_id) WHERE label IS NOT NULL
), votes AS (
    SELECT mode, item_id, unit, category, count(*) AS n FROM given GROUP BY ALL
), judged AS (
    SELECT mode, item_id, unit, sum(n) AS m, sum(n * (n - 1)) AS agreeing FROM votes GROUP BY ALL HAVING sum(n) > 1
), cells AS (
    SELECT mode, unit, place(category) - 1 AS cell, n FROM votes SEMI JOIN judged USING (mode, item_id)
    UNION ALL
    SELECT mode, unit, getvariable('n_categories') + 2 * (m - 2), agreeing FROM judged
    UNION ALL
    SELECT mode, unit, getvariable('n_categories') + 2 * (m - 2) + 1, 1 FROM judged
)
SELECT mode, unit, cell::BIGINT AS cell, sum(n)::BIGINT AS n
FROM cells
GROUP BY mode, unit, cell
ORDER BY mode <> 'describe', mode, unit
