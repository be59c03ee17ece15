-- $support: strict or lenient. Reasons of unscored pairs are those that occur.
WITH kinds (position, verdict, detail) AS (
    FROM scored_kinds
    UNION ALL
    SELECT DISTINCT 8, verdict, detail FROM verdict_counts WHERE verdict = 'unscored'
), golds AS (
    SELECT 'all' AS gold UNION ALL SELECT emotion FROM emotions
), counts AS (
    SELECT model, coalesce(gold, 'all') AS gold, verdict, detail, sum(n) AS n
    FROM verdict_counts
    WHERE support = $support
    GROUP BY GROUPING SETS ((model, verdict, detail), (model, gold, verdict, detail))
    HAVING grouping(gold) = 1 OR gold IS NOT NULL
), counted AS (
    SELECT
        model, gold, verdict, detail, share_key(verdict, detail, '') AS key, position,
        coalesce(n, 0) AS n,
        sum(coalesce(n, 0)) OVER (PARTITION BY model, gold) AS n_items,
        coalesce(sum(n) FILTER (verdict <> 'unscored') OVER (PARTITION BY model, gold), 0) AS n_scored
    FROM (SELECT DISTINCT model FROM pairs) CROSS JOIN golds CROSS JOIN kinds
    LEFT JOIN counts USING (model, gold, verdict, detail)
)
SELECT
    model, gold, verdict, detail, n, n_items, n_scored,
    CASE WHEN verdict <> 'unscored' THEN n / nullif(n_scored, 0) END AS share_of_scored,
    share_low, share_high, interval, n_groups
FROM counted
LEFT JOIN intervals_of('details_' || $support) AS intervals USING (model, gold, key)
ORDER BY model, gold <> 'all', place(gold), position, detail
