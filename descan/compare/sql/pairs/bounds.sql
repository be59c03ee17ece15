-- Items asked of both of two sides by unit and cell, for each place in the lists of sides: 3 * what a is + what b is,
-- wrong (0), right (1) or without a category (2). A neutral gold is left aside if a side is classify6.
WITH sides AS (
    SELECT
        unnest(range(len($models_a))) AS comparison,
        unnest($models_a) AS model_a, unnest($modes_a) AS mode_a, unnest($models_b) AS model_b, unnest($modes_b) AS mode_b
), judged AS (
    SELECT
        item_id, model, mode, unit, weight, is_neutral(gold) AS is_neutral,
        CASE WHEN NOT is_category(predicted) THEN 2 ELSE (predicted = gold)::INTEGER END AS state
    FROM predictions
)
SELECT comparison, a.unit, 3 * a.state + b.state AS cell, sum(weigh_both(a.weight, b.weight))::BIGINT AS n
FROM sides
JOIN judged AS a ON a.model = model_a AND a.mode = mode_a
JOIN judged AS b ON b.model = model_b AND b.mode = mode_b AND a.item_id = b.item_id
WHERE NOT a.is_neutral OR (mode_a <> 'classify6' AND mode_b <> 'classify6')
GROUP BY ALL
ORDER BY comparison, a.unit
