-- What $model said in $mode of items with several annotators, of gold $gold or all.
-- Cells: 0 items, 1 those with a category, 2 share of annotators who chose it, 3 agreement of two annotators.
WITH said AS (
    SELECT item_id, CASE WHEN is_category(described) THEN described END AS category, n_repeats
    FROM described
    WHERE model = $model AND $mode = 'describe'
    UNION ALL
    SELECT item_id, label, n_repeats FROM labelled WHERE model = $model AND mode = $mode
), cells AS (
    SELECT
        annotated.unit, unnest(range(4)) AS cell,
        unnest([1, has_category, has_category * coalesce(votes / annotated.n, 0), has_category * agreement])
        / n_repeats AS value
    FROM (SELECT *, (category IS NOT NULL)::INTEGER AS has_category FROM said) AS said
    JOIN annotated USING (item_id)
    LEFT JOIN annotations USING (item_id, category)
    WHERE agreement IS NOT NULL AND $gold IN ('all', annotated.gold)
)
SELECT unit, cell, sum(value::DECIMAL(28, 12))::DOUBLE AS value
FROM cells
GROUP BY ALL
ORDER BY ALL
