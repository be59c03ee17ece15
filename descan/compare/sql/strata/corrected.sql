-- Scored pairs. Cells: by gold, 24 * (label right) + 3 * (place described - 1, Undecided 7) + (0 not read by a person,
-- 1 read as gold, 2 read as another). A pair counts as read where its only description is.
WITH only_descriptions AS (
    SELECT item_id, model, any_value(repeat) AS repeat FROM descriptions GROUP BY item_id, model HAVING count(*) = 1
), reads AS (
    SELECT item_id, model, read FROM only_descriptions JOIN human_readings USING (item_id, model, repeat)
)
SELECT
    verdicts.model, unit,
    48 * (place(gold) - 1) + 24 * (label = gold)::INTEGER
    + 3 * (least(place(described), 8) - 1)
    + CASE WHEN read IS NULL THEN 0 WHEN read = gold THEN 1 ELSE 2 END AS cell,
    count(*) AS n
FROM (FROM verdicts WHERE support = 'strict' AND unscored IS NULL) AS verdicts
LEFT JOIN reads ON reads.item_id = verdicts.item_id AND reads.model = verdicts.model
GROUP BY verdicts.model, unit, cell
ORDER BY verdicts.model, unit
