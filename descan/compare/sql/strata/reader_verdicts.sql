-- Scored pairs, with what people read: what a description that nobody read says is NULL, and of several readers it is
-- the share of them. gold_place and verdict_place begin at 0. A description with several labels has its readings once.
-- predicted_place is the verdict by what $predictor, descan or a judge, reads, who supports no gold where the reply has no
-- reading; is_predicted is 0 where a judge has no reply.
WITH read AS (
    SELECT item_id, model, repeat, gold, avg((read = gold)::INTEGER) AS supports, count(*) AS n_readings
    FROM reader_readings JOIN items USING (item_id)
    GROUP BY ALL
), judged AS (
    SELECT item_id, model, repeat, read AS judged, 1 AS is_judged FROM judge_readings WHERE reader = $predictor
)
SELECT
    verdicts.model, unit, CASE WHEN n_readings > 0 THEN description END AS read_description,
    place_or_none(verdicts.gold) AS gold_place,
    list_position(getvariable('verdicts'), verdict) - 1 AS verdict_place, (label = verdicts.gold)::INTEGER AS is_right,
    CASE WHEN $predictor = 'descan' THEN verdict_place ELSE
        2 * (1 - is_right) + CASE WHEN judged = verdicts.gold THEN 0 ELSE 1 END
    END AS predicted_place,
    ($predictor = 'descan' OR is_judged IS NOT NULL)::INTEGER AS is_predicted,
    sum(weight)::BIGINT AS n, whole() AS whole, read.supports,
    coalesce(any_value(n_readings) * sum(weight * n_descriptions) / whole(), 0) AS n_readings
FROM verdicts
LEFT JOIN read USING (item_id, model, repeat)
LEFT JOIN judged USING (item_id, model, repeat)
WHERE support = 'strict' AND verdict <> 'unscored'
GROUP BY ALL
ORDER BY ALL
