-- Items with gold by pair of models and unit. Cells: verdict of A and of B; NULL where either has none.
SELECT
    comparison, unit,
    CASE WHEN verdict_a <> 'unscored' AND verdict_b <> 'unscored' THEN
        (list_position(getvariable('verdicts'), verdict_a) - 1) * 4 + list_position(getvariable('verdicts'), verdict_b) - 1
    END AS cell,
    sum(weight)::BIGINT AS n
FROM weighed JOIN modes USING (comparison)
WHERE gold IS NOT NULL AND has_describe AND has_label
GROUP BY ALL
ORDER BY comparison, unit
