-- Cells: 0 to 3 predicted neutral or not (1), gold neutral or not (2); 4 no category.
SELECT model, mode, unit, CASE
    WHEN NOT is_category(predicted) THEN 4
    ELSE is_neutral(predicted)::INTEGER + 2 * is_neutral(gold)::INTEGER
END AS cell, sum(weight)::BIGINT AS n
FROM predictions
WHERE mode <> 'classify6'
GROUP BY model, mode, unit, cell
ORDER BY model, mode <> 'describe', mode, unit
