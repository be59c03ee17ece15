-- Descriptions that a person read, by $factor and model ('' for all models, where several were read), with k as the
-- number of categories and Undecided. Cells: human reading * k * k, described * k, and the category of the factor, or
-- NULL without one. Of the factor model, which has a stratum for each: whether the description is the model's.
WITH people AS (
    SELECT
        item_id, descriptions.model, unit, descriptions.gold, label, read, described,
        weigh(coalesce(labels.n_repeats, 1)) AS weight
    FROM descriptions
    JOIN human_readings USING (item_id, model, repeat)
    LEFT JOIN (FROM labelled WHERE mode = getvariable('label_mode')) AS labels USING (item_id, model)
), models AS (
    SELECT DISTINCT model FROM people WHERE (SELECT count(DISTINCT model) FROM people) > 1
), strata AS (
    FROM models
    UNION ALL
    SELECT '' WHERE $factor <> 'model'
), levels AS (
    SELECT strata.model, unit, read, described, weight, CASE $factor
        WHEN 'gold' THEN CASE WHEN is_category(gold) THEN place_or_none(gold) END
        WHEN 'label' THEN CASE WHEN is_category(label) THEN place_or_none(label) END
        ELSE (people.model = strata.model)::INTEGER
    END AS level
    FROM people JOIN strata ON strata.model IN ('', people.model) OR $factor = 'model'
)
SELECT
    model, unit,
    (getvariable('n_categories') + 1)
    * ((getvariable('n_categories') + 1) * place_or_none(read) + place_or_none(described)) + level AS cell,
    sum(weight)::BIGINT AS n
FROM levels
GROUP BY ALL
ORDER BY model, unit
