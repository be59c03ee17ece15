-- How often descriptions support gold, and how often they would if they were shuffled among the items
-- of their model: over all permutations the mean of the share is sum_c p(gold = c) * p(supports c).
WITH per_model AS (
    SELECT
        model, rule, n_descriptions, sum(n_hits) AS n_supporting, sum(n_hits) / n_descriptions AS share,
        sum(n_gold::HUGEINT * n_claims) / (n_descriptions::DOUBLE * n_descriptions) AS chance_share
    FROM claim_counts
    GROUP BY model, rule, n_descriptions
)
SELECT
    model, evidence, support, n_descriptions, n_supporting, share, chance_share, share - chance_share AS difference,
    share_low, share_high, interval, n_groups, chance_low, chance_high, n_permutations, p,
    seen_beyond_chance, seen_beyond_chance_low, seen_beyond_chance_high
FROM per_model
JOIN (SELECT *, share_key(evidence, support, '') AS key FROM support_rules) AS rules USING (rule)
LEFT JOIN (FROM intervals_of('support') WHERE gold = 'all') AS intervals USING (model, key)
LEFT JOIN chance USING (model, rule)
ORDER BY model, rule
