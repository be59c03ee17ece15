-- Items of two sides by unit and cell, for each place in the lists of sides: place of gold, of what a predicted and of
-- what b predicted. The cell is NULL where either lacks a category. A neutral gold is left aside if a side is
-- classify6.
WITH sides AS (
    SELECT
        unnest(range(len($models_a))) AS comparison,
        unnest($models_a) AS model_a, unnest($modes_a) AS mode_a, unnest($models_b) AS model_b, unnest($modes_b) AS mode_b
), a AS (
    SELECT comparison, item_id, gold, unit, place(predicted) AS place, weight
    FROM predictions JOIN sides ON model = model_a AND mode = mode_a
    WHERE NOT is_neutral(gold) OR (mode_a <> 'classify6' AND mode_b <> 'classify6')
), b AS (
    SELECT comparison, item_id, gold, unit, place(predicted) AS place, weight
    FROM predictions JOIN sides ON model = model_b AND mode = mode_b
    WHERE NOT is_neutral(gold) OR (mode_a <> 'classify6' AND mode_b <> 'classify6')
)
SELECT
    comparison, unit,
    CASE WHEN greatest(a.place, b.place) <= getvariable('n_categories') THEN
        (place_or_none(gold) * getvariable('n_categories') + a.place - 1) * getvariable('n_categories') + b.place - 1
    END AS cell,
    sum(weigh_both(coalesce(a.weight, whole()), coalesce(b.weight, whole())))::BIGINT AS n
FROM a FULL JOIN b USING (comparison, item_id, gold, unit)
GROUP BY ALL
ORDER BY comparison, unit
