-- Items of two sides by unit and cell: place of gold, of what a predicted and of what b predicted.
-- The cell is NULL where either lacks a category. A gold of Neutral is left aside if a side is classify6.
WITH a AS (
    SELECT item_id, gold, unit, place(predicted) AS place FROM predictions WHERE model = $model_a AND mode = $mode_a
), b AS (
    SELECT item_id, gold, unit, place(predicted) AS place FROM predictions WHERE model = $model_b AND mode = $mode_b
)
SELECT
    unit, CASE WHEN a.place <= 7 AND b.place <= 7 THEN (place(gold) - 1) * 49 + (a.place - 1) * 7 + b.place - 1 END AS cell,
    count(*) AS n
FROM a FULL JOIN b USING (item_id, gold, unit)
WHERE gold <> 'Neutral' OR ($mode_a <> 'classify6' AND $mode_b <> 'classify6')
GROUP BY ALL
ORDER BY ALL
