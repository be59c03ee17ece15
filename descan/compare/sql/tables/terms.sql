SELECT
    model, category, term,
    sum(mentions) AS mentions, sum(negated) AS negated, sum(hedged) AS hedged, sum(scene) AS scene,
    count(*) FILTER (mentions > 0) AS descriptions, n_descriptions,
    count(*) FILTER (mentions > 0) / n_descriptions AS share
FROM said JOIN described_models USING (model)
WHERE kind = 'emotion'
GROUP BY model, category, term, n_descriptions
ORDER BY model, place(category), category, count(*) FILTER (mentions > 0) DESC, term
