-- Scored pairs of item, model and repeats, as compare/strata/reader_verdicts.sql has them before anybody has read.
SELECT
    item_id, verdicts.model, repeat, coalesce(nullif("group", ''), item_id) AS unit,
    list_position(getvariable('categories'), verdicts.gold) - 1 AS gold_place,
    list_position(getvariable('verdicts'), verdict) - 1 AS verdict_place,
    (label = verdicts.gold)::INTEGER AS is_right, verdicts.gold, sum(weight) AS n
FROM own_verdicts AS verdicts LEFT JOIN items USING (item_id)
WHERE verdict <> 'unscored' AND repeat IS NOT NULL
GROUP BY ALL
ORDER BY ALL
