-- Which categories a description supports, and how often by chance, when descriptions are shuffled and labels stay.

CREATE TABLE support_rules AS
SELECT * FROM (VALUES
    (0, 'described', 'strict'), (1, 'described', 'lenient'),
    (2, 'actions_described', 'strict'), (3, 'terms_described', 'strict')
) AS rules (rule, evidence, support);

-- The bit of a rule and a category in `claimed`, which is set where the description supports the category.
CREATE MACRO claim_bit(rule, position) AS (1::UBIGINT << (rule * getvariable('n_categories') + position - 1)::UBIGINT);
CREATE MACRO claim_if(supports, rule, position) AS CASE WHEN supports THEN claim_bit(rule, position) ELSE 0 END;
CREATE MACRO has_claim(claimed, rule, position) AS claimed & claim_bit(rule, position) <> 0;

-- Of each description: what it claims, and how many of the labels of its item are wrong.
CREATE TABLE claims AS
SELECT
    min(pair) AS pair, description, model, gold, unit, nth, n_descriptions, weigh(n_descriptions) AS weight,
    round(getvariable('steps') * avg(is_wrong::INTEGER))::BIGINT AS steps_wrong,
    bit_or(
        claim_if(described = emotion, 0, position) | claim_if(is_lenient_support(scores[position]), 1, position)
        | claim_if(actions_described = emotion, 2, position) | claim_if(terms_described = emotion, 3, position)
    )::UBIGINT AS claimed
FROM (
    SELECT
        *, label_reason IS NULL AND label <> gold
            AND unscored_reason(gold, getvariable('label_mode'), NULL, NULL) IS NULL AS is_wrong
    FROM pairs
    WHERE gold IS NOT NULL AND described IS NOT NULL
)
CROSS JOIN emotions
GROUP BY description, model, gold, unit, nth, n_descriptions;

-- The share of each verdict that is expected if the descriptions of the scored items of a model were shuffled.
CREATE TABLE verdict_chances AS
WITH scored AS (
    SELECT verdicts.support, verdicts.model, verdicts.gold, label, claimed, rule, verdicts.weight
    FROM verdicts
    JOIN claims USING (description)
    JOIN support_rules ON support_rules.support = verdicts.support AND support_rules.evidence = 'described'
    WHERE verdict <> 'unscored'
), claim_shares AS (
    SELECT
        support, model, emotion AS gold,
        coalesce(sum(weight) FILTER (has_claim(claimed, rule, position)), 0) / sum(weight) AS supports
    FROM scored CROSS JOIN emotions
    GROUP BY ALL
), labels_of_gold AS (
    SELECT support, model, gold, sum(weight) AS n, coalesce(sum(weight) FILTER (label = gold), 0) AS n_right
    FROM scored
    GROUP BY ALL
), expected AS (
    SELECT
        support, model, gold, n, unnest([
            {'verdict': 'right', 'expected': n_right * supports},
            {'verdict': 'lucky', 'expected': n_right * (1 - supports)},
            {'verdict': 'labeling_failure', 'expected': (n - n_right) * supports},
            {'verdict': 'seeing_failure', 'expected': (n - n_right) * (1 - supports)}
        ], recursive := true)
    FROM labels_of_gold JOIN claim_shares USING (support, model, gold)
)
SELECT
    support, model, coalesce(gold, 'all') AS gold, verdict,
    sum(expected::DECIMAL(28, 12))::DOUBLE / sum(n) AS chance_share
FROM expected
GROUP BY GROUPING SETS ((support, model, verdict), (support, model, gold, verdict));
