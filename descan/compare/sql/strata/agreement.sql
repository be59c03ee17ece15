-- Models as coders, items as units; Undecided, and what is not a category, counts as missing. A model's repeats share
-- what one of its answers counts, in steps.
-- Cells: models that gave the category, for each; then for an item with m = 2, 3, ... models, the ordered pairs that
-- agree and the items.
WITH given AS (
    SELECT 'describe' AS mode, item_id, model, described AS category, getvariable('steps') // n_decided AS steps
    FROM described WHERE described <> 'Undecided'
    UNION ALL
    SELECT mode, item_id, model, label, getvariable('steps') // n_repeats FROM labelled WHERE label IS NOT NULL
), of_models AS (
    SELECT mode, item_id, model, category, sum(steps) AS n FROM given GROUP BY ALL
), votes AS (
    SELECT mode, item_id, unit, category, sum(n) AS n, sum(n * n) AS squares
    FROM of_models JOIN units USING (item_id)
    GROUP BY ALL
), judged AS (
    SELECT
        mode, item_id, unit, round(sum(n) / getvariable('steps'))::BIGINT AS m, sum(n * n) - sum(squares) AS agreeing
    FROM votes
    GROUP BY ALL
    HAVING m > 1
), cells AS (
    SELECT mode, unit, place(category) - 1 AS cell, n * getvariable('steps') AS n
    FROM votes SEMI JOIN judged USING (mode, item_id)
    UNION ALL
    SELECT mode, unit, getvariable('n_categories') + 2 * (m - 2), agreeing FROM judged
    UNION ALL
    SELECT mode, unit, getvariable('n_categories') + 2 * (m - 2) + 1, getvariable('steps') * getvariable('steps') FROM judged
)
SELECT mode, unit, cell::BIGINT AS cell, round(sum(n) * whole() / getvariable('steps') ** 2)::BIGINT AS n
FROM cells
GROUP BY mode, unit, cell
ORDER BY mode <> 'describe', mode, unit
