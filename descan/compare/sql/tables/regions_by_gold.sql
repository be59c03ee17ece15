SELECT
    model, gold, region, mentions, negated, hedged, scene, descriptions,
    n_descriptions, descriptions / n_descriptions AS share
FROM region_counts JOIN described_golds USING (model, gold)
ORDER BY model, place(gold), descriptions DESC, region
