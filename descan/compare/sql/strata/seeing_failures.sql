-- Seeing failures by the rule $support.
-- Cells: by gold, 2 * (description and label agree on another category) + (gold is contested).
SELECT
    model, unit,
    4 * (place(gold) - 1) + 2 * coalesce(described = label, false)::INTEGER
    + (item_id IN (SELECT item_id FROM contested))::INTEGER AS cell,
    sum(weight)::BIGINT AS n
FROM verdicts
WHERE support = $support AND verdict = 'seeing_failure'
GROUP BY ALL
ORDER BY model, unit
