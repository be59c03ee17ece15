-- Items of two sides by unit and cell, for each place in the lists of sides: place of gold, of what a predicted and of
-- what b predicted. The cell is NULL where either lacks a category. A gold of Neutral is left aside if a side is
-- classify6.
WITH sides AS (
    SELECT
        unnest(range(len($models_a))) AS comparison,
        unnest($models_a) AS model_a, unnest($modes_a) AS mode_a, unnest($models_b) AS model_b, unnest($modes_b) AS mode_b
), a AS (
    SELECT comparison, item_id, gold, unit, place(predicted) AS place
    FROM predictions JOIN sides ON model = model_a AND mode = mode_a
    WHERE gold <> 'Neutral' OR (mode_a <> 'classify6' AND mode_b <> 'classify6')
), b AS (
    SELECT comparison, item_id, gold, unit, place(predicted) AS place
    FROM predictions JOIN sides ON model = model_b AND mode = mode_b
    WHERE gold <> 'Neutral' OR (mode_a <> 'classify6' AND mode_b <> 'classify6')
)
SELECT
    comparison, unit,
    CASE WHEN a.place <= 7 AND b.place <= 7 THEN (place(gold) - 1) * 49 + (a.place - 1) * 7 + b.place - 1 END AS cell,
    count(*) AS n
FROM a FULL JOIN b USING (comparison, item_id, gold, unit)
GROUP BY ALL
ORDER BY comparison, unit
