-- Items whose verdict changed.
SELECT
    item_id, model_a, model_b, gold, "group", verdict_a, verdict_b, detail_a, detail_b, label_a, label_b,
    described_a, described_b
FROM compared JOIN model_pairs USING (comparison)
WHERE verdict_a <> verdict_b
ORDER BY pair
