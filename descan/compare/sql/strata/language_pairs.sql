-- Scored pairs of a model whose descriptions are in one of two languages. Cells: the first language or the second, times
-- two, and whether the measure holds or not. $support: strict or lenient.
WITH told AS (
    SELECT model, language, unit, verdict, sum(weight)::BIGINT AS n
    FROM verdicts JOIN (SELECT item_id, model, repeat, language FROM readings) AS read USING (item_id, model, repeat)
    WHERE support = $support AND verdict <> 'unscored'
    GROUP BY ALL
), languages AS (
    SELECT DISTINCT model, language FROM told
), language_pairs AS (
    SELECT model, a.language AS language_a, b.language AS language_b
    FROM languages AS a JOIN languages AS b USING (model)
    WHERE a.language < b.language
), measures AS (
    SELECT unnest(['label_right', 'description_right']) AS measure,
        unnest([['right', 'lucky'], ['right', 'labeling_failure']]) AS counted
)
SELECT
    model, measure, language_a, language_b, unit,
    2 * (language = language_b)::INTEGER + (NOT list_contains(counted, verdict))::INTEGER AS cell, sum(n)::BIGINT AS n
FROM language_pairs
JOIN told USING (model)
CROSS JOIN measures
WHERE language IN (language_a, language_b)
GROUP BY ALL
ORDER BY model, measure, language_a, language_b, unit, cell
