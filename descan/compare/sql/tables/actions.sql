WITH totals AS (
    SELECT
        model, action, region, aus, share_key(action, region, aus) AS key,
        sum(mentions) AS mentions, sum(negated) AS negated, sum(hedged) AS hedged, sum(scene) AS scene,
        sum(descriptions) AS descriptions
    FROM action_counts
    GROUP BY ALL
)
SELECT
    model, action, region, aus, mentions, negated, hedged, scene, descriptions,
    n_descriptions, descriptions / n_descriptions AS share, share_low, share_high, interval, n_groups
FROM totals
JOIN described_models USING (model)
LEFT JOIN (FROM intervals_of('actions') WHERE gold = 'all') AS intervals USING (model, key)
ORDER BY model, descriptions DESC, action, region, aus
