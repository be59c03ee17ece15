-- For each pair of models, what is compared, what is left out, and what changed.
WITH counted AS (
    SELECT
        comparison, count(*) AS n_pairs,
        count(*) FILTER (left_out = 'only_in_a') AS n_only_in_a,
        count(*) FILTER (left_out = 'only_in_b') AS n_only_in_b,
        count(*) FILTER (left_out = 'gold_differs') AS n_gold_differs
    FROM sides
    GROUP BY comparison
), changed AS (
    SELECT
        comparison, count(*) AS n_compared, count(gold) AS n_gold,
        count(*) FILTER (verdict_a <> 'unscored') AS n_scored_a,
        count(*) FILTER (verdict_b <> 'unscored') AS n_scored_b,
        count(*) FILTER (verdict_a <> 'unscored' AND verdict_b <> 'unscored') AS n_scored,
        count(*) FILTER (verdict_a <> verdict_b) AS n_flipped,
        count(*) FILTER (verdict_a <> 'right' AND verdict_b = 'right') AS n_became_right,
        count(*) FILTER (verdict_a = 'right' AND verdict_b <> 'right') AS n_was_right,
        count(*) FILTER (label_a IS DISTINCT FROM label_b) AS n_label_changed,
        count(*) FILTER (described_a IS DISTINCT FROM described_b) AS n_described_changed
    FROM compared
    GROUP BY comparison
), answered AS (
    SELECT
        comparison,
        count(*) FILTER (NOT is_label) AS n_descriptions, count(*) FILTER (NOT is_label AND is_same) AS n_same_descriptions,
        count(*) FILTER (is_label) AS n_replies, count(*) FILTER (is_label AND is_same) AS n_same_replies
    FROM texts JOIN (SELECT pair, comparison FROM compared) AS compared USING (pair)
    GROUP BY comparison
), reread_counts AS (
    SELECT comparison, count(*) AS n_reread FROM reread GROUP BY comparison
), relabelled_counts AS (
    SELECT comparison, count(*) AS n_relabelled FROM relabelled GROUP BY comparison
)
SELECT model_a, model_b, coalesce(COLUMNS('^n_'), 0)
FROM model_pairs
LEFT JOIN counted USING (comparison)
LEFT JOIN changed USING (comparison)
LEFT JOIN answered USING (comparison)
LEFT JOIN reread_counts USING (comparison)
LEFT JOIN relabelled_counts USING (comparison)
ORDER BY comparison
