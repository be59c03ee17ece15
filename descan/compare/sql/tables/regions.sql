WITH totals AS (
    SELECT
        model, region, region AS key,
        sum(mentions) AS mentions, sum(negated) AS negated, sum(hedged) AS hedged, sum(scene) AS scene,
        sum(descriptions) AS descriptions
    FROM region_counts
    GROUP BY ALL
)
SELECT
    model, region, mentions, negated, hedged, scene, descriptions,
    n_descriptions, descriptions / n_descriptions AS share, share_low, share_high, interval, n_groups
FROM totals
JOIN described_models USING (model)
LEFT JOIN (FROM intervals_of('regions') WHERE gold = 'all') AS intervals USING (model, key)
ORDER BY model, descriptions DESC, region
