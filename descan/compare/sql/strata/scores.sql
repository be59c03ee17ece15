-- What a model predicted in a mode. Cells: place of gold * (1 + number of categories) + place of what is
-- predicted, of which the last is none.
SELECT model, mode, unit,
    place_or_none(gold) * (getvariable('n_categories') + 1) + place_or_none(predicted) AS cell, sum(weight)::BIGINT AS n
FROM predictions
GROUP BY model, mode, unit, cell
ORDER BY model, mode <> 'describe', mode, unit
