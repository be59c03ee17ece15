-- $support: strict or lenient. Reasons of unscored pairs are those that occur.
WITH kinds (position, verdict, detail) AS (
    FROM scored_kinds
    UNION ALL
    SELECT DISTINCT 8, verdict, detail FROM verdict_counts WHERE verdict = 'unscored'
), golds AS (
    SELECT 'all' AS gold UNION ALL SELECT emotion FROM emotions
), counts AS (
    SELECT model, coalesce(gold, 'all') AS gold, verdict, detail, sum(weight) AS weight
    FROM verdict_counts
    WHERE support = $support
    GROUP BY GROUPING SETS ((model, verdict, detail), (model, gold, verdict, detail))
    HAVING grouping(gold) = 1 OR gold IS NOT NULL
), counted AS (
    SELECT
        model, gold, verdict, detail, share_key(verdict, detail, '') AS key, position,
        coalesce(weight, 0) AS weight,
        sum(coalesce(weight, 0)) OVER (PARTITION BY model, gold) AS of_all,
        coalesce(sum(weight) FILTER (verdict <> 'unscored') OVER (PARTITION BY model, gold), 0) AS of_scored
    FROM (SELECT DISTINCT model FROM pairs) CROSS JOIN golds CROSS JOIN kinds
    LEFT JOIN counts USING (model, gold, verdict, detail)
)
SELECT
    model, gold, verdict, detail, in_items(weight) AS n, in_items(of_all) AS n_items, in_items(of_scored) AS n_scored,
    CASE WHEN verdict <> 'unscored' THEN weight / nullif(of_scored, 0) END AS share_of_scored,
    share_low, share_high, interval, n_groups
FROM counted
LEFT JOIN intervals_of('details_' || $support) AS intervals USING (model, gold, key)
ORDER BY model, gold <> 'all', place(gold), position, detail
