-- Items with several annotators, of gold $gold or all.
-- Cells: 0 items, 1 agreement, 2 agreement with the majority, 3 share of the most frequent category, 4 items with gold,
-- 5 share of gold; where annotators are counted 6 their number, 7 sum of v (v - 1) / (n - 1), then those of each category.
WITH chosen AS (
    FROM annotated WHERE agreement IS NOT NULL AND $gold IN ('all', gold)
), cells AS (
    SELECT
        unit, unnest(range(8)) AS cell,
        unnest([
            1, agreement, agreement_majority, best, (gold IS NOT NULL)::INTEGER, gold_share,
            CASE WHEN is_counted THEN n END, CASE WHEN is_counted THEN agreement * n END
        ]) AS value
    FROM chosen
    UNION ALL
    SELECT unit, 7 + place(category), votes
    FROM annotations SEMI JOIN (FROM chosen WHERE is_counted) AS counted USING (item_id)
)
SELECT unit, cell, sum(value::DECIMAL(28, 12))::DOUBLE AS value
FROM cells
WHERE value IS NOT NULL
GROUP BY ALL
ORDER BY ALL
