-- What a model predicted in a mode. Cells: place of gold * 8 + place of what is predicted, of which the last is none.
SELECT model, mode, unit, (place(gold) - 1) * 8 + least(place(predicted), 8) - 1 AS cell, count(*) AS n
FROM predictions
GROUP BY model, mode, unit, cell
ORDER BY model, mode <> 'describe', mode, unit
