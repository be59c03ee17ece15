-- Pairs with gold, description and label, by the mode of the label. Cells, with k as the number of categories and
-- Undecided: by gold and label wrong or right, 3 * k that are described and not read by a person (k), or read as each of
-- k and not described as gold, or described as gold (2 * k); behind all these, what people have read in the whole corpus
-- by what was described (k * k). A pair counts as read where its only description is.
WITH only_descriptions AS (
    SELECT item_id, model, any_value(repeat) AS repeat FROM descriptions GROUP BY item_id, model HAVING count(*) = 1
), reads AS (
    SELECT item_id, model, read FROM only_descriptions JOIN human_readings USING (item_id, model, repeat)
), scored AS (
    SELECT
        labelled.model, labelled.mode, unit,
        3 * (getvariable('n_categories') + 1) * (2 * place_or_none(gold) + (labelled.label = gold)::INTEGER) + CASE
            WHEN read IS NULL THEN place_or_none(described)
            ELSE getvariable('n_categories') + 1 + 2 * place_or_none(read) + (described = gold)::INTEGER
        END AS cell
    FROM labelled JOIN pairs USING (item_id, model) LEFT JOIN reads USING (item_id, model)
    WHERE gold IS NOT NULL AND described IS NOT NULL AND labelled.label IS NOT NULL
        AND NOT (is_neutral(gold) AND labelled.mode = 'classify6')
), people AS (
    SELECT
        unit,
        (getvariable('n_categories') + 1)
        * (6 * getvariable('n_categories') + place_or_none(read)) + place_or_none(described) AS cell
    FROM descriptions JOIN human_readings USING (item_id, model, repeat)
), counted AS (
    SELECT model, mode, unit, cell FROM scored
    UNION ALL
    SELECT model, mode, unit, cell FROM (SELECT DISTINCT model, mode FROM scored) AS strata CROSS JOIN people
)
SELECT model, mode, unit, cell, count(*) AS n
FROM counted
GROUP BY ALL
ORDER BY model, mode, unit
