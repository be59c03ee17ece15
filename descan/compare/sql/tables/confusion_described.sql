WITH predictions AS (
    SELECT emotion AS predicted FROM emotions UNION ALL SELECT 'Undecided'
), grid AS (
    SELECT model, emotion AS gold, predicted
    FROM (SELECT DISTINCT model FROM cells WHERE mode = 'describe') CROSS JOIN emotions CROSS JOIN predictions
), counted AS (
    SELECT grid.*, coalesce(weight, 0) AS weight, sum(coalesce(weight, 0)) OVER (PARTITION BY model, gold) AS of_gold
    FROM grid LEFT JOIN (FROM cells WHERE mode = 'describe') AS cells USING (model, gold, predicted)
)
SELECT
    model, gold, predicted, in_items(weight) AS n, in_items(of_gold) AS n_gold, weight / nullif(of_gold, 0) AS share
FROM counted
ORDER BY model, place(gold), place(predicted)
