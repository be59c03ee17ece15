WITH predictions AS (
    SELECT emotion AS predicted FROM emotions UNION ALL SELECT 'Undecided'
), grid AS (
    SELECT model, emotion AS gold, predicted
    FROM (SELECT DISTINCT model FROM cells WHERE mode = 'describe') CROSS JOIN emotions CROSS JOIN predictions
), counted AS (
    SELECT grid.*, coalesce(n, 0) AS n, sum(coalesce(n, 0)) OVER (PARTITION BY model, gold) AS n_gold
    FROM grid LEFT JOIN (FROM cells WHERE mode = 'describe') AS cells USING (model, gold, predicted)
)
SELECT model, gold, predicted, n, n_gold, n / nullif(n_gold, 0) AS share
FROM counted
ORDER BY model, place(gold), place(predicted)
