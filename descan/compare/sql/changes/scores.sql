-- Items with gold by pair of models, mode and unit. Cells: place of gold, of what A says and of what B says;
-- NULL where either lacks a category. A neutral gold is left aside if the labels of a side are classify6.
WITH predicted AS (
    SELECT comparison, 'describe' AS mode, gold, unit, described_a AS a, described_b AS b, weight
    FROM weighed JOIN modes USING (comparison)
    WHERE has_describe AND is_described
    UNION ALL
    SELECT comparison, 'label', gold, unit, label_a, label_b, weight
    FROM weighed JOIN modes USING (comparison)
    WHERE has_label AND is_labelled
        AND NOT (is_neutral(gold) AND 'classify6' IN (getvariable('label_mode_a'), getvariable('label_mode_b')))
)
SELECT
    comparison, mode, unit,
    CASE
        WHEN is_category(a) AND is_category(b) THEN
            (place_or_none(gold) * getvariable('n_categories') + place_or_none(a)) * getvariable('n_categories')
            + place_or_none(b)
    END AS cell,
    sum(weight)::BIGINT AS n
FROM predicted
WHERE is_category(gold)
GROUP BY ALL
ORDER BY comparison, mode, unit
