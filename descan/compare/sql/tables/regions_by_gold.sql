SELECT
    model, gold, region, mentions, negated, hedged, scene, descriptions,
    n_descriptions, descriptions / n_descriptions AS share, share_low, share_high, interval, n_groups
FROM (SELECT *, region AS key FROM region_counts) AS counts
JOIN described_golds USING (model, gold)
LEFT JOIN intervals_of('regions') AS intervals USING (model, gold, key)
ORDER BY model, place(gold), descriptions DESC, region
