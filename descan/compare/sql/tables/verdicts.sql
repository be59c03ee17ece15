-- $support: strict or lenient. Items without gold count under gold = all only.
WITH kinds AS (
    SELECT verdict, list_position(getvariable('verdicts'), verdict) AS position
    FROM (SELECT unnest(getvariable('verdicts')) AS verdict)
), golds AS (
    SELECT 'all' AS gold UNION ALL SELECT emotion FROM emotions
), counts AS (
    SELECT model, coalesce(gold, 'all') AS gold, verdict, sum(n) AS n
    FROM verdict_counts
    WHERE support = $support
    GROUP BY GROUPING SETS ((model, verdict), (model, gold, verdict))
    HAVING grouping(gold) = 1 OR gold IS NOT NULL
), counted AS (
    SELECT
        model, gold, verdict, position, coalesce(n, 0) AS n,
        sum(coalesce(n, 0)) OVER (PARTITION BY model, gold) AS n_items,
        coalesce(sum(n) FILTER (verdict <> 'unscored') OVER (PARTITION BY model, gold), 0) AS n_scored
    FROM (SELECT DISTINCT model FROM pairs) CROSS JOIN golds CROSS JOIN kinds
    LEFT JOIN counts USING (model, gold, verdict)
)
SELECT
    model, gold, verdict, n, n_items, n_scored,
    CASE WHEN verdict <> 'unscored' THEN n / nullif(n_scored, 0) END AS share_of_scored,
    share_low, share_high, interval, n_groups, chance_share
FROM counted
LEFT JOIN (SELECT *, key AS verdict FROM intervals_of('verdicts_' || $support)) AS intervals USING (model, gold, verdict)
LEFT JOIN (FROM verdict_chances WHERE support = $support) AS chances USING (model, gold, verdict)
ORDER BY model, gold <> 'all', place(gold), position
