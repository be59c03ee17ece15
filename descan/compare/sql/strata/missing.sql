-- Items with gold by model and mode: how the answer relates to gold, by gold and by what the description says. Cells: 3 *
-- the place of the category, and 0 if the answer is right, 1 if it is wrong, 2 if it names no category. After the
-- categories come Undecided and no description.
WITH outcomes AS (
    SELECT
        item_id, model, mode, gold, unit, weight,
        CASE WHEN predicted = gold THEN 0 WHEN is_category(predicted) THEN 1 ELSE 2 END AS outcome
    FROM predictions
    WHERE mode <> 'classify6' OR NOT is_neutral(gold)
), described AS (
    SELECT item_id, model, predicted AS described, weight AS weight_described FROM predictions WHERE mode = 'describe'
), places AS (
    SELECT model, mode, 'gold' AS split, unit, place_or_none(gold) AS place, outcome, weight FROM outcomes
    UNION ALL
    SELECT
        model, mode, 'described' AS split, unit,
        CASE
            WHEN described = 'Undecided' THEN getvariable('n_categories')
            WHEN is_category(described) THEN place_or_none(described)
            ELSE getvariable('n_categories') + 1
        END AS place,
        outcome, weigh_both(weight, coalesce(weight_described, whole()))
    FROM outcomes LEFT JOIN described USING (item_id, model)
    WHERE mode <> 'describe'
)
SELECT model, mode, split, unit, 3 * place + outcome AS cell, sum(weight)::BIGINT AS n
FROM places
GROUP BY model, mode, split, unit, cell
ORDER BY model, mode <> 'describe', mode, split <> 'gold', unit
