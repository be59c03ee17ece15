-- Cells: 0 to 3 predicted Neutral or not (1), gold Neutral or not (2); 4 no category.
SELECT model, mode, unit, CASE
    WHEN place(predicted) > 7 THEN 4
    ELSE (predicted = 'Neutral')::INTEGER + 2 * (gold = 'Neutral')::INTEGER
END AS cell, count(*) AS n
FROM predictions
WHERE mode <> 'classify6'
GROUP BY model, mode, unit, cell
ORDER BY model, mode <> 'describe', mode, unit
