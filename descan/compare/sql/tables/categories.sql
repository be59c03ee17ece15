-- Asserted of the person only; every model has all categories and Other.
WITH totals AS (
    SELECT model, category, sum(mentions) AS mentions, count(*) AS descriptions FROM said_categories GROUP BY ALL
), distinct_terms AS (
    SELECT model, category, count(DISTINCT term) AS distinct_terms
    FROM said
    WHERE kind = 'emotion' AND mentions > 0
    GROUP BY ALL
), categories AS (
    SELECT emotion AS category FROM emotions UNION ALL SELECT 'Other'
)
SELECT
    model, category, coalesce(distinct_terms, 0) AS distinct_terms, coalesce(mentions, 0) AS mentions,
    coalesce(descriptions, 0) AS descriptions, n_descriptions, coalesce(descriptions, 0) / n_descriptions AS share,
    share_low, share_high, interval, n_groups
FROM described_models
CROSS JOIN categories
LEFT JOIN totals USING (model, category)
LEFT JOIN distinct_terms USING (model, category)
LEFT JOIN (SELECT *, key AS category FROM intervals_of('categories') WHERE gold = 'all') AS intervals USING (model, category)
ORDER BY model, place(category)
