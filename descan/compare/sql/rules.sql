-- The verdict rule, row for row as in the table "Verdicts" of the design.

-- False for every category of a set without a neutral one, and for what is none.
CREATE MACRO is_neutral(category) AS coalesce(category = getvariable('neutral'), false);

-- Why a pair of item and model has no verdict; NULL when it has one. The first reason counts.
-- A neutral gold has no verdict in mode classify6, where neutral was not on offer.
CREATE MACRO unscored_reason(gold, label_mode, description_reason, label_reason) AS CASE
    WHEN gold IS NULL THEN 'no_gold'
    WHEN is_neutral(gold) AND label_mode = 'classify6' THEN 'gold_off_list'
    WHEN description_reason IS NOT NULL THEN description_reason
    ELSE label_reason
END;

-- Whether gold, the description or the label is why a pair has no verdict.
CREATE MACRO unscored_side(gold, label_mode, description_reason) AS CASE
    WHEN gold IS NULL OR (is_neutral(gold) AND label_mode = 'classify6') THEN 'gold'
    WHEN description_reason IS NOT NULL THEN 'description'
    ELSE 'label'
END;

CREATE MACRO verdict_of(unscored, gold, label, supports) AS CASE
    WHEN unscored IS NOT NULL THEN 'unscored'
    WHEN label = gold AND supports THEN 'right'
    WHEN label = gold THEN 'lucky'
    WHEN supports THEN 'labeling_failure'
    ELSE 'seeing_failure'
END;

CREATE MACRO detail_of(verdict, unscored, label, has_evidence, described_sign, gold_sign) AS CASE verdict
    WHEN 'unscored' THEN unscored
    WHEN 'labeling_failure' THEN CASE WHEN is_neutral(label) THEN 'fell_back_to_neutral' ELSE 'other_label' END
    WHEN 'seeing_failure' THEN CASE
        WHEN NOT has_evidence THEN 'no_evidence'
        WHEN described_sign = gold_sign THEN 'near_miss'
        ELSE 'wrong_valence'
    END
    ELSE ''
END;

CREATE MACRO evidence_of(gold, actions_described, terms_described) AS CASE
    WHEN actions_described = gold AND terms_described = gold THEN 'both'
    WHEN actions_described = gold THEN 'actions'
    WHEN terms_described = gold THEN 'terms'
    ELSE 'none'
END;

-- -1 is unpleasant, 1 pleasant, 0 neither.
CREATE MACRO valence_sign(valence) AS
    CASE WHEN abs(valence) < getvariable('valence_band') THEN 0 ELSE sign(valence) END;

-- Mean scores carry twelve digits, so a mean of 1/3 must not fail a threshold of 1/3.
CREATE MACRO is_lenient_support(score) AS score >= getvariable('lenient_threshold') - 1e-9;

-- An item weighs as much as any other, and its answers share that: each pair of the m descriptions and n labels of a model
-- that can be used has 1 / (m n) of it. Weights are whole numbers, so that no sum depends on the order in which threads
-- add; `whole` is that of an item, and 1 without repeats.
CREATE MACRO whole() AS coalesce(getvariable('whole'), 1);
CREATE MACRO weigh(n) AS round(whole() / n)::BIGINT;

-- What answers of two sides weigh together.
CREATE MACRO weigh_both(weight_a, weight_b) AS round(weight_a::DOUBLE * weight_b / whole())::BIGINT;

-- A sum of weights as a number of items.
CREATE MACRO in_items(weight) AS (weight / whole())::DECIMAL(18, 6);

-- The place of a category in every table; what is none comes last.
CREATE MACRO place(category) AS coalesce(list_position(getvariable('categories'), category), 99);

-- The place of a category from 0; what is none has the place after the last category.
CREATE MACRO place_or_none(category) AS least(place(category) - 1, getvariable('n_categories'));
CREATE MACRO is_category(category) AS place(category) <= getvariable('n_categories');
