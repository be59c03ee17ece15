-- Items with gold by pair of models, mode and unit. Cells: place of gold, of what A says and of what B says, with
-- $n categories; NULL where either lacks one. A gold of Neutral is left aside if the labels of a side are classify6.
WITH predicted AS (
    SELECT comparison, 'describe' AS mode, gold, unit, described_a AS a, described_b AS b
    FROM compared JOIN modes USING (comparison)
    WHERE has_describe AND is_described
    UNION ALL
    SELECT comparison, 'label', gold, unit, label_a, label_b
    FROM compared JOIN modes USING (comparison)
    WHERE has_label AND is_labelled
        AND NOT (gold = 'Neutral' AND 'classify6' IN (getvariable('label_mode_a'), getvariable('label_mode_b')))
)
SELECT
    comparison, mode, unit,
    CASE
        WHEN place(a) <= $n AND place(b) <= $n THEN ((place(gold) - 1) * $n + place(a) - 1) * $n + place(b) - 1
    END AS cell,
    count(*) AS n
FROM predicted
WHERE place(gold) <= $n
GROUP BY ALL
ORDER BY comparison, mode, unit
