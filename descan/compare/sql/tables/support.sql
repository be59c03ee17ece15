-- How often descriptions support gold, and how often they would if they were shuffled among the items
-- of their model: over all permutations the mean of the share is sum_c p(gold = c) * p(supports c).
WITH usable AS (
    SELECT * FROM pairs WHERE gold IS NOT NULL AND described IS NOT NULL
), claims AS (
    SELECT
        1 AS position, 'described' AS evidence, 'strict' AS support,
        model, gold, emotion, described = emotion AS supports
    FROM usable CROSS JOIN emotions
    UNION ALL
    SELECT 2, 'described', 'lenient', model, gold, emotion, is_lenient_support(scores[emotions.position])
    FROM usable CROSS JOIN emotions
    UNION ALL
    SELECT 3, 'actions_described', 'strict', model, gold, emotion, actions_described = emotion
    FROM usable CROSS JOIN emotions
    UNION ALL
    SELECT 4, 'terms_described', 'strict', model, gold, emotion, terms_described = emotion
    FROM usable CROSS JOIN emotions
), per_category AS (
    SELECT
        model, position, evidence, support, emotion, count(*) AS n_descriptions,
        count(*) FILTER (gold = emotion) AS n_gold,
        count(*) FILTER (supports) AS n_claims,
        count(*) FILTER (supports AND gold = emotion) AS n_hits
    FROM claims
    GROUP BY ALL
), per_model AS (
    SELECT
        model, position, evidence, support, n_descriptions,
        sum(n_hits) AS n_supporting, sum(n_hits) / n_descriptions AS share,
        sum(n_gold::HUGEINT * n_claims) / (n_descriptions::DOUBLE * n_descriptions) AS chance_share
    FROM per_category
    GROUP BY model, position, evidence, support, n_descriptions
)
SELECT model, evidence, support, n_descriptions, n_supporting, share, chance_share, share - chance_share AS difference
FROM per_model
ORDER BY model, position
