-- Items with gold by pair of models and unit. Cells: 2 where A's description supports gold, and 1 where B's does; NULL
-- where that is not known of both.
SELECT
    comparison, unit,
    2 * supports(verdict_a, gold, described_a, getvariable('support_a'))::INTEGER
    + supports(verdict_b, gold, described_b, getvariable('support_b'))::INTEGER AS cell,
    sum(weight)::BIGINT AS n
FROM weighed JOIN modes USING (comparison)
WHERE gold IS NOT NULL AND has_describe AND is_described
GROUP BY ALL
ORDER BY comparison, unit
