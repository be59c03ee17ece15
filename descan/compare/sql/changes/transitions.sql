-- A's verdicts by B's, over all compared items and by gold.
WITH kinds AS (
    SELECT verdict, list_position(getvariable('verdicts'), verdict) AS position
    FROM (SELECT unnest(getvariable('verdicts')) AS verdict)
), golds AS (
    SELECT 'all' AS gold, 0 AS position
    UNION ALL
    SELECT DISTINCT gold, place(gold) FROM compared WHERE gold IS NOT NULL
), counts AS (
    SELECT comparison, coalesce(gold, 'all') AS gold, verdict_a, verdict_b, count(*) AS n
    FROM compared
    GROUP BY GROUPING SETS ((comparison, verdict_a, verdict_b), (comparison, gold, verdict_a, verdict_b))
    HAVING grouping(gold) = 1 OR gold IS NOT NULL
), filled AS (
    SELECT
        model_pairs.comparison, model_a, model_b, golds.gold, golds.position AS gold_position, a.verdict AS verdict_a,
        b.verdict AS verdict_b, a.position AS position_a, b.position AS position_b, coalesce(n, 0) AS n,
        sum(coalesce(n, 0)) OVER (PARTITION BY model_pairs.comparison, golds.gold, a.verdict)::BIGINT AS n_a
    FROM model_pairs CROSS JOIN golds CROSS JOIN kinds AS a CROSS JOIN kinds AS b
    LEFT JOIN counts
        ON counts.comparison = model_pairs.comparison AND counts.gold = golds.gold
        AND counts.verdict_a = a.verdict AND counts.verdict_b = b.verdict
)
SELECT model_a, model_b, gold, verdict_a, verdict_b, n, n_a, n / nullif(n_a, 0) AS share_of_a
FROM filled
ORDER BY comparison, gold_position, gold, position_a, position_b
