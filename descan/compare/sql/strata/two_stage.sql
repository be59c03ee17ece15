-- Cells: by gold, the place of the label from 0, with none last.
SELECT
    model, unit, place_or_none(gold) * (getvariable('n_categories') + 1) + place_or_none(predicted) AS cell, sum(weight)::BIGINT AS n
FROM predictions
WHERE mode = 'two_stage'
GROUP BY model, unit, cell
ORDER BY model, unit
