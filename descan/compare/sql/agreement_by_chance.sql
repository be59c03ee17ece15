-- How often description and label of seeing failures would agree if the descriptions of these were shuffled.
WITH failures AS (
    SELECT model, unnest(['all', gold]) AS gold, label, described, weight
    FROM verdicts
    WHERE support = $support AND verdict = 'seeing_failure'
), totals AS (
    SELECT model, gold, sum(weight) AS n FROM failures GROUP BY ALL
), labels AS (
    SELECT model, gold, label AS category, sum(weight) AS n_labels FROM failures GROUP BY ALL
), descriptions_of AS (
    SELECT model, gold, described AS category, sum(weight) AS n_described FROM failures GROUP BY ALL
)
SELECT model, gold, coalesce(sum(n_labels * n_described), 0)::DOUBLE / any_value(n)::DOUBLE ** 2
FROM totals LEFT JOIN labels USING (model, gold) LEFT JOIN descriptions_of USING (model, gold, category)
GROUP BY ALL
