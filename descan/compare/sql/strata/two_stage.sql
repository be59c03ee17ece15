-- Cells: by gold, the place of the label less 1, or 7 for none.
SELECT model, unit, 8 * (place(gold) - 1) + least(place(predicted), 8) - 1 AS cell, count(*) AS n
FROM predictions
WHERE mode = 'two_stage'
GROUP BY model, unit, cell
ORDER BY model, unit
