-- Predictions are the categories and every reason for none that occurs in any mode.
WITH predictions AS (
    SELECT emotion AS predicted FROM emotions
    UNION
    SELECT predicted FROM cells WHERE mode <> 'describe'
), grid AS (
    SELECT model, mode, emotion AS gold, predicted
    FROM (SELECT DISTINCT model, mode FROM cells WHERE mode <> 'describe') CROSS JOIN emotions CROSS JOIN predictions
), counted AS (
    SELECT
        grid.*, coalesce(weight, 0) AS weight, sum(coalesce(weight, 0)) OVER (PARTITION BY model, mode, gold) AS of_gold
    FROM grid LEFT JOIN cells USING (model, mode, gold, predicted)
)
SELECT
    model, mode, gold, predicted, in_items(weight) AS n, in_items(of_gold) AS n_gold,
    weight / nullif(of_gold, 0) AS share
FROM counted
ORDER BY model, mode, place(gold), place(predicted), predicted
