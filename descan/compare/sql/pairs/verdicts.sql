-- Items of two models by unit and cell: verdict of a and of b by one rule of support, which is the mode of both.
-- The cell is NULL where either has no verdict.
WITH places AS (
    SELECT item_id, model, unit, support, list_position(
        ['right', 'lucky', 'labeling_failure', 'seeing_failure'], verdict
    ) AS place
    FROM verdicts
    WHERE gold IS NOT NULL
), a AS (
    FROM places WHERE model = $model_a AND support = $mode_a
), b AS (
    FROM places WHERE model = $model_b AND support = $mode_b
)
SELECT unit, (a.place - 1) * 4 + b.place - 1 AS cell, count(*) AS n
FROM a FULL JOIN b USING (item_id, unit)
GROUP BY ALL
ORDER BY ALL
