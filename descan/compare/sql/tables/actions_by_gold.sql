SELECT
    model, gold, action, region, aus, mentions, negated, hedged, scene, descriptions,
    n_descriptions, descriptions / n_descriptions AS share, share_low, share_high, interval, n_groups
FROM (SELECT *, share_key(action, region, aus) AS key FROM action_counts) AS counts
JOIN described_golds USING (model, gold)
LEFT JOIN intervals_of('actions') AS intervals USING (model, gold, key)
ORDER BY model, place(gold), descriptions DESC, action, region, aus
