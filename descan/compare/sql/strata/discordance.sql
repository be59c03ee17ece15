-- Scored items. Cells: the number of the pattern in ability_patterns.
SELECT model, unit, pattern AS cell, whole() * count(*) AS n
FROM abilities JOIN ability_patterns USING (gold, n_descriptions, n_supporting, n_labels, n_right)
GROUP BY ALL
ORDER BY model, unit
