-- From answers, readings and labels to one row, and two verdicts, per item and model.

CREATE TABLE asked AS
SELECT DISTINCT item_id, model, mode FROM answers;

-- What is resampled: the group of an item, else the item itself.
CREATE TABLE units AS
SELECT item_id, dense_rank() OVER (ORDER BY "group" IS NULL, "group", CASE WHEN "group" IS NULL THEN item_id END) AS unit
FROM (
    SELECT item_id, nullif("group", '') AS "group"
    FROM (SELECT DISTINCT item_id FROM asked) AS answered LEFT JOIN items USING (item_id)
);

-- Every description that was read and is not a refusal; repeats are rows of their own.
CREATE TABLE descriptions AS
SELECT
    row_number() OVER (ORDER BY item_id, model, repeat) AS description,
    dense_rank() OVER (ORDER BY item_id, model) AS described_pair, items.gold, unit,
    readings.* EXCLUDE (named, language, part, file_row), len(named) > 0 AS has_named
FROM readings
SEMI JOIN (FROM answers WHERE mode = 'describe' AND status = 'ok') AS ok USING (item_id, model, repeat)
LEFT JOIN items USING (item_id)
LEFT JOIN units USING (item_id)
WHERE NOT refused;

-- Why no repeat gave a description: the reason of the first.
CREATE TABLE undescribed AS
WITH reasons AS (
    SELECT item_id, model, repeat, CASE
        WHEN status <> 'ok' THEN status
        WHEN refused THEN 'refused'
        WHEN described IS NULL THEN 'language'
        ELSE 'no_description'
    END AS reason
    FROM answers LEFT JOIN readings USING (item_id, model, repeat)
    WHERE mode = 'describe'
)
SELECT item_id, model, arg_min(reason, repeat) AS reason
FROM reasons ANTI JOIN descriptions USING (item_id, model)
GROUP BY ALL;

-- What the repeats say together: majority of the categories, mean of the numbers.
-- Sums of DECIMAL are exact, so that a mean does not depend on the order in which threads add.
CREATE TABLE described AS
WITH means AS (
    SELECT
        described_pair, min(description) AS description, count(*) > 1 AS is_repeated,
        avg(COLUMNS('^score_')::DECIMAL(18, 12)),
        avg(valence::DECIMAL(18, 12)) AS mean_valence,
        bool_or(actions_share > 0 OR terms_share > 0) AS has_share
    FROM descriptions
    GROUP BY described_pair
), repeated AS (
    SELECT described_pair, described, actions_described, terms_described
    FROM descriptions SEMI JOIN (FROM means WHERE is_repeated) AS means USING (described_pair)
), votes AS (
    SELECT described_pair, part, vote, count(*) AS n
    FROM (UNPIVOT repeated ON described, actions_described, terms_described INTO NAME part VALUE vote)
    GROUP BY ALL
), winners AS (
    SELECT described_pair, part, coalesce(most_frequent(vote, n), 'Undecided') AS winner
    FROM votes
    GROUP BY ALL
), parts AS (
    SELECT
        described_pair,
        max(winner) FILTER (part = 'described') AS described,
        max(winner) FILTER (part = 'actions_described') AS actions_described,
        max(winner) FILTER (part = 'terms_described') AS terms_described
    FROM winners
    GROUP BY ALL
), firsts AS (
    SELECT description, item_id, model, described, actions_described, terms_described FROM descriptions
), score_lists AS (
    SELECT described_pair, description, list_value(*COLUMNS('^score_')) AS scores, mean_valence, has_share FROM means
)
SELECT
    item_id, model,
    coalesce(parts.described, firsts.described) AS described,
    coalesce(parts.actions_described, firsts.actions_described) AS actions_described,
    coalesce(parts.terms_described, firsts.terms_described) AS terms_described,
    scores, mean_valence, has_share OR list_max(scores) > 0 AS has_evidence
FROM score_lists JOIN firsts USING (description) LEFT JOIN parts USING (described_pair);

CREATE TABLE labelled AS
WITH votes AS (
    SELECT item_id, model, mode, label, count(*) AS n FROM labels WHERE label IS NOT NULL GROUP BY ALL
), winners AS (
    SELECT item_id, model, mode, most_frequent(label, n) AS label, true AS has_votes FROM votes GROUP BY ALL
), reasons AS (
    SELECT item_id, model, mode, arg_min(nullif(reason, ''), repeat) AS reason
    FROM labels
    WHERE label IS NULL
    GROUP BY ALL
)
SELECT item_id, model, mode, label, CASE
    WHEN label IS NOT NULL THEN NULL
    WHEN has_votes THEN 'ambiguous'
    ELSE coalesce(reason, 'no_label')
END AS reason
FROM asked
LEFT JOIN winners USING (item_id, model, mode)
LEFT JOIN reasons USING (item_id, model, mode)
WHERE mode <> 'describe';

CREATE TABLE pairs AS
SELECT
    row_number() OVER (ORDER BY items.part NULLS LAST, items.file_row, item_id, model) - 1 AS pair,
    item_id, model, gold, unit,
    label, CASE WHEN label IS NULL THEN coalesce(labelled.reason, 'no_label') END AS label_reason,
    described, CASE WHEN described IS NULL THEN coalesce(undescribed.reason, 'no_description') END AS description_reason,
    actions_described, terms_described, scores, has_evidence,
    scores[emotions.position] AS gold_score,
    valence_sign(mean_valence) AS described_sign, valence_sign(emotions.valence) AS gold_sign
FROM (SELECT DISTINCT item_id, model FROM asked) AS answered
LEFT JOIN items USING (item_id)
LEFT JOIN units USING (item_id)
LEFT JOIN emotions ON emotion = gold
LEFT JOIN (FROM labelled WHERE mode = getvariable('label_mode')) AS labelled USING (item_id, model)
LEFT JOIN described USING (item_id, model)
LEFT JOIN undescribed USING (item_id, model)
ORDER BY pair;

CREATE TABLE verdicts AS
SELECT
    support, pair, item_id, model, gold, unit, label, described,
    unscored_reason(gold, getvariable('label_mode'), description_reason, label_reason) AS unscored,
    CASE support WHEN 'strict' THEN described = gold ELSE is_lenient_support(gold_score) END AS supports,
    verdict_of(unscored, gold, label, supports) AS verdict,
    detail_of(verdict, unscored, label, has_evidence, described_sign, gold_sign) AS detail,
    evidence_of(gold, actions_described, terms_described) AS evidence
FROM pairs CROSS JOIN (VALUES ('strict'), ('lenient')) AS rules (support)
ORDER BY support, pair;
