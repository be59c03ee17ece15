-- Cells: by gold, 0 another label; of label neutral 1 described as gold, 2 as neutral, 3 as another, 4 Undecided, 5 not.
SELECT model, mode, unit, 6 * (place(gold) - 1) + CASE
    WHEN NOT is_neutral(predicted) THEN 0
    WHEN described IS NULL THEN 5
    WHEN described = 'Undecided' THEN 4
    WHEN described = gold THEN 1
    WHEN is_neutral(described) THEN 2
    ELSE 3
END AS cell, sum(weigh_both(weight, coalesce(weight_described, whole())))::BIGINT AS n
FROM predictions
LEFT JOIN (SELECT item_id, model, described, weigh(n_repeats) AS weight_described FROM described) AS described
    USING (item_id, model)
WHERE mode NOT IN ('describe', 'classify6') AND NOT is_neutral(gold) AND is_category(predicted)
GROUP BY model, mode, unit, cell
ORDER BY model, mode, unit
