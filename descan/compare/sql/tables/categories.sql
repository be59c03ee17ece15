-- Asserted of the person only; every model has all eight categories.
WITH asserted AS (
    SELECT description, model, category, term, mentions FROM said WHERE kind = 'emotion' AND mentions > 0
), per_description AS (
    SELECT description, model, category, sum(mentions) AS mentions FROM asserted GROUP BY ALL
), totals AS (
    SELECT model, category, sum(mentions) AS mentions, count(*) AS descriptions FROM per_description GROUP BY ALL
), distinct_terms AS (
    SELECT model, category, count(*) AS distinct_terms
    FROM (SELECT DISTINCT model, category, term FROM asserted)
    GROUP BY ALL
), categories AS (
    SELECT emotion AS category FROM emotions UNION ALL SELECT 'Other'
)
SELECT
    model, category, coalesce(distinct_terms, 0) AS distinct_terms, coalesce(mentions, 0) AS mentions,
    coalesce(descriptions, 0) AS descriptions, n_descriptions, coalesce(descriptions, 0) / n_descriptions AS share
FROM described_models
CROSS JOIN categories
LEFT JOIN totals USING (model, category)
LEFT JOIN distinct_terms USING (model, category)
ORDER BY model, place(category)
