-- Scored pairs, with what people read: what a description that nobody read says is NULL, and of several readers it is
-- the share of them. gold_place and verdict_place begin at 0. A description with several labels has its readings once.
WITH read AS (
    SELECT item_id, model, repeat, gold, avg((read = gold)::INTEGER) AS supports, count(*) AS n_readings
    FROM reader_readings JOIN items USING (item_id)
    GROUP BY ALL
)
SELECT
    verdicts.model, unit, CASE WHEN n_readings > 0 THEN description END AS read_description,
    place_or_none(verdicts.gold) AS gold_place,
    list_position(getvariable('verdicts'), verdict) - 1 AS verdict_place, (label = verdicts.gold)::INTEGER AS is_right,
    sum(weight)::BIGINT AS n, read.supports,
    coalesce(any_value(n_readings) * sum(weight * n_descriptions) / whole(), 0) AS n_readings
FROM verdicts LEFT JOIN read USING (item_id, model, repeat)
WHERE support = 'strict' AND verdict <> 'unscored'
GROUP BY ALL
ORDER BY ALL
