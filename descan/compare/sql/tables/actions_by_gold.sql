SELECT
    model, gold, action, region, aus, mentions, negated, hedged, scene, descriptions,
    n_descriptions, descriptions / n_descriptions AS share
FROM action_counts JOIN described_golds USING (model, gold)
ORDER BY model, place(gold), descriptions DESC, action, region, aus
