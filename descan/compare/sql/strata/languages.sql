-- Cells: the scored verdicts in their order. What is read has a language; $support: strict or lenient.
SELECT
    model, language, unit, list_position(getvariable('verdicts'), verdict) - 1 AS cell, sum(weight)::BIGINT AS n
FROM verdicts JOIN (SELECT item_id, model, repeat, language FROM readings) AS read USING (item_id, model, repeat)
WHERE support = $support AND verdict <> 'unscored'
GROUP BY ALL
ORDER BY model, language, unit
