-- Scored pairs. Cells: by gold, label wrong or right, described (the categories, then Undecided), and 0 not read by a
-- person, 1 read as gold, 2 read as another. A pair counts as read where its only description is.
WITH only_descriptions AS (
    SELECT item_id, model, any_value(repeat) AS repeat FROM descriptions GROUP BY item_id, model HAVING count(*) = 1
), reads AS (
    SELECT item_id, model, read FROM only_descriptions JOIN human_readings USING (item_id, model, repeat)
)
SELECT
    verdicts.model, unit,
    3 * (
        (getvariable('n_categories') + 1) * (2 * place_or_none(gold) + (label = gold)::INTEGER) + place_or_none(described)
    )
    + CASE WHEN read IS NULL THEN 0 WHEN read = gold THEN 1 ELSE 2 END AS cell,
    count(*) AS n
FROM (FROM verdicts WHERE support = 'strict' AND unscored IS NULL) AS verdicts
LEFT JOIN reads ON reads.item_id = verdicts.item_id AND reads.model = verdicts.model
GROUP BY verdicts.model, unit, cell
ORDER BY verdicts.model, unit
