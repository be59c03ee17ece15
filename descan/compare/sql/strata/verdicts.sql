-- Verdicts by other rules, $rules with $thresholds (of those that are lenient); $without_contested leaves out the items
-- of `contested`. Cells: by rule, by gold (none last), and the place of the verdict.
WITH rules AS (
    SELECT unnest(range(len($rules))) AS place, unnest($rules) AS rule, unnest($thresholds::DOUBLE[]) AS threshold
), judged AS (
    SELECT
        rules.place, model, unit, gold, weight,
        CASE rule
            WHEN 'strict' THEN described = gold
            WHEN 'lenient' THEN gold_score >= threshold - 1e-9
            WHEN 'terms_only' THEN terms_described = gold
            WHEN 'actions_only' THEN actions_described = gold
            WHEN 'without_embedding' THEN described_without_embedding = gold
            WHEN 'terms_by_embedding' THEN described_by_embedding = gold
        END AS supports,
        verdict_of(
            unscored_reason(gold, getvariable('label_mode'), description_reason, label_reason), gold, label, supports
        ) AS verdict
    FROM pairs CROSS JOIN rules
    WHERE NOT ($without_contested AND item_id IN (SELECT item_id FROM contested))
)
SELECT
    model, unit,
    5 * ((getvariable('n_categories') + 1) * place + place_or_none(gold))
    + list_position(getvariable('verdicts'), verdict) - 1 AS cell,
    sum(weight)::BIGINT AS n
FROM judged
GROUP BY model, unit, cell
ORDER BY model, unit
