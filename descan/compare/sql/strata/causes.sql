-- Scored pairs whose description does not support gold, by verdict and what the witness sees. Cells: place of gold * 4 + place
-- of the cause in $causes.
SELECT
    model, witness, verdict, unit, place_or_none(verdicts.gold) * len($causes) + list_position($causes, cause) - 1 AS cell,
    sum(weight)::BIGINT AS n
FROM verdicts JOIN causes USING (description)
WHERE support = getvariable('support') AND verdict IN ('seeing_failure', 'lucky')
GROUP BY ALL
ORDER BY model, witness, verdict, unit
