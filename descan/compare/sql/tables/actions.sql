SELECT
    model, action, region, aus,
    sum(mentions) AS mentions, sum(negated) AS negated, sum(hedged) AS hedged, sum(scene) AS scene,
    sum(descriptions) AS descriptions, n_descriptions, sum(descriptions) / n_descriptions AS share
FROM action_counts JOIN described_models USING (model)
GROUP BY model, action, region, aus, n_descriptions
ORDER BY model, sum(descriptions) DESC, action, region, aus
