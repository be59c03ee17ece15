-- Pairs with gold, description and label, by the mode of the label. Cells, with k as the number of categories and
-- Undecided: by language ($languages; another one counts as the first), gold and label wrong or right, 3 * k that are
-- described and not read by a person (k), or read as each of k and not described as gold, or described as gold (2 * k);
-- behind all these, what people have read in the whole corpus by what was described (k * k).
WITH scored AS (
    SELECT
        labelled.model, labelled.mode, unit, weigh(described.n_repeats * labelled.n_repeats) AS weight,
        3 * (getvariable('n_categories') + 1) * (
            2 * (getvariable('n_categories') * coalesce(list_position($languages, language) - 1, 0) + place_or_none(gold))
            + (labelled.label = gold)::INTEGER
        ) + CASE
            WHEN read IS NULL THEN place_or_none(described)
            ELSE getvariable('n_categories') + 1 + 2 * place_or_none(read) + (described = gold)::INTEGER
        END AS cell
    FROM labelled
    JOIN described USING (item_id, model)
    JOIN items USING (item_id)
    JOIN units USING (item_id)
    LEFT JOIN (SELECT item_id, model, repeat, language FROM readings) AS texts
        ON texts.item_id = described.item_id AND texts.model = described.model AND texts.repeat = described.repeat
    LEFT JOIN human_readings
        ON human_readings.item_id = described.item_id AND human_readings.model = described.model
        AND human_readings.repeat = described.repeat
    WHERE gold IS NOT NULL AND described IS NOT NULL AND labelled.label IS NOT NULL
        AND NOT (is_neutral(gold) AND labelled.mode = 'classify6')
), people AS (
    SELECT
        unit,
        (getvariable('n_categories') + 1)
        * (6 * getvariable('n_categories') * greatest(len($languages), 1) + place_or_none(read))
        + place_or_none(described) AS cell
    FROM descriptions JOIN human_readings USING (item_id, model, repeat)
), counted AS (
    SELECT model, mode, unit, cell, weight FROM scored
    UNION ALL
    SELECT model, mode, unit, cell, whole() FROM (SELECT DISTINCT model, mode FROM scored) AS strata CROSS JOIN people
)
SELECT model, mode, unit, cell, sum(weight)::BIGINT AS n
FROM counted
GROUP BY ALL
ORDER BY model, mode, unit
