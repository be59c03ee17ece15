-- How often descriptions support gold, and how often they do where they are shuffled among the items of their model.
SELECT
    model, evidence, support, n_items AS n_descriptions, n_supporting, share, chance_share, difference,
    share_low, share_high, interval, intervals.n_groups, chance_low, chance_high, n_permutations, p,
    seen_beyond_chance, seen_beyond_chance_low, seen_beyond_chance_high
FROM (FROM chance WHERE population = 'all') AS chance
JOIN (SELECT *, share_key(evidence, support, '') AS key FROM support_rules) AS rules USING (rule)
LEFT JOIN (FROM intervals_of('support') WHERE gold = 'all') AS intervals USING (model, key)
ORDER BY model, rule
