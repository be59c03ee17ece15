-- Scored items by the rule $support. Cells: the place of the verdict.
SELECT model, unit, list_position(getvariable('verdicts'), verdict) - 1 AS cell, sum(weight)::BIGINT AS n
FROM verdicts
WHERE support = $support AND unscored IS NULL
GROUP BY ALL
ORDER BY model, unit
