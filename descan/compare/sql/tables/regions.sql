SELECT
    model, region,
    sum(mentions) AS mentions, sum(negated) AS negated, sum(hedged) AS hedged, sum(scene) AS scene,
    sum(descriptions) AS descriptions, n_descriptions, sum(descriptions) / n_descriptions AS share
FROM region_counts JOIN described_models USING (model)
GROUP BY model, region, n_descriptions
ORDER BY model, sum(descriptions) DESC, region
