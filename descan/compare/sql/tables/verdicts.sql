-- $support: strict or lenient. Items without gold count under gold = all only.
WITH kinds AS (
    SELECT verdict, list_position(getvariable('verdicts'), verdict) AS position
    FROM (SELECT unnest(getvariable('verdicts')) AS verdict)
), golds AS (
    SELECT 'all' AS gold UNION ALL SELECT emotion FROM emotions
), counts AS (
    SELECT model, coalesce(gold, 'all') AS gold, verdict, sum(weight) AS weight
    FROM verdict_counts
    WHERE support = $support
    GROUP BY GROUPING SETS ((model, verdict), (model, gold, verdict))
    HAVING grouping(gold) = 1 OR gold IS NOT NULL
), counted AS (
    SELECT
        model, gold, verdict, position, coalesce(weight, 0) AS weight,
        sum(coalesce(weight, 0)) OVER (PARTITION BY model, gold) AS of_all,
        coalesce(sum(weight) FILTER (verdict <> 'unscored') OVER (PARTITION BY model, gold), 0) AS of_scored
    FROM (SELECT DISTINCT model FROM pairs) CROSS JOIN golds CROSS JOIN kinds
    LEFT JOIN counts USING (model, gold, verdict)
)
SELECT
    model, gold, verdict, in_items(weight) AS n, in_items(of_all) AS n_items, in_items(of_scored) AS n_scored,
    CASE WHEN verdict <> 'unscored' THEN weight / nullif(of_scored, 0) END AS share_of_scored,
    share_low, share_high, interval, n_groups, chance_share
FROM counted
LEFT JOIN (SELECT *, key AS verdict FROM intervals_of('verdicts_' || $support)) AS intervals USING (model, gold, verdict)
LEFT JOIN (FROM verdict_chances WHERE support = $support) AS chances USING (model, gold, verdict)
ORDER BY model, gold <> 'all', place(gold), position
