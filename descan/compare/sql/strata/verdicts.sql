-- Verdicts by other rules, $rules with $thresholds (of those that are lenient); $without_contested leaves out the items
-- of `contested`. Cells: by rule, by gold (none last), and the place of the verdict.
WITH rules AS (
    SELECT unnest(range(len($rules))) AS place, unnest($rules) AS rule, unnest($thresholds::DOUBLE[]) AS threshold
), votes AS (
    SELECT item_id, model, part, vote, count(*) AS n
    FROM (
        UNPIVOT (
            SELECT item_id, model, described_without_embedding, described_by_embedding FROM descriptions
            WHERE 'without_embedding' IN $rules
        ) ON described_without_embedding, described_by_embedding INTO NAME part VALUE vote
    )
    GROUP BY ALL
), winners AS (
    SELECT item_id, model, part, coalesce(most_frequent(vote, n), 'Undecided') AS winner FROM votes GROUP BY ALL
), others AS (
    SELECT
        item_id, model,
        max(winner) FILTER (part = 'described_without_embedding') AS described_without_embedding,
        max(winner) FILTER (part = 'described_by_embedding') AS described_by_embedding
    FROM winners
    GROUP BY ALL
), judged AS (
    SELECT
        rules.place, model, unit, gold,
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
    FROM pairs LEFT JOIN others USING (item_id, model) CROSS JOIN rules
    WHERE NOT ($without_contested AND item_id IN (SELECT item_id FROM contested))
)
SELECT
    model, unit,
    5 * ((getvariable('n_categories') + 1) * place + place_or_none(gold))
    + list_position(getvariable('verdicts'), verdict) - 1 AS cell,
    count(*) AS n
FROM judged
GROUP BY model, unit, cell
ORDER BY model, unit
