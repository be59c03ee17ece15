-- From answers, readings and labels to one row, and two verdicts, per item and model, and per repeat of both.

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
    row_number() OVER (PARTITION BY item_id, model ORDER BY repeat) - 1 AS nth,
    count(*) OVER (PARTITION BY item_id, model) AS n_repeats,
    count(*) FILTER (described <> 'Undecided') OVER (PARTITION BY item_id, model) AS n_decided, items.gold, unit,
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

-- What was described and labelled: every repeat that can be used, or else one row with the reason why there is none.
-- n_repeats is how many can be used.
CREATE TABLE described AS
SELECT
    item_id, model, repeat, description, nth, n_repeats, n_decided,
    described, actions_described, terms_described, described_without_embedding, described_by_embedding,
    list_value(*COLUMNS('^score_')) AS scores, valence,
    actions_share > 0 OR terms_share > 0 OR list_max(scores) > 0 AS has_evidence
FROM descriptions
UNION ALL BY NAME
SELECT item_id, model, 1 AS n_repeats, reason FROM undescribed;

CREATE TABLE labelled AS
WITH named AS (
    SELECT item_id, model, mode, repeat, label, count(*) OVER (PARTITION BY item_id, model, mode) AS n_repeats
    FROM labels
    WHERE label IS NOT NULL
), reasons AS (
    SELECT item_id, model, mode, arg_min(nullif(reason, ''), repeat) AS reason
    FROM labels
    WHERE label IS NULL
    GROUP BY ALL
)
SELECT
    item_id, model, mode, repeat, label, coalesce(n_repeats, 1) AS n_repeats,
    CASE WHEN label IS NULL THEN coalesce(reason, 'no_label') END AS reason
FROM asked
LEFT JOIN named USING (item_id, model, mode)
LEFT JOIN reasons USING (item_id, model, mode)
WHERE mode <> 'describe';

-- Into how many steps an answer is divided so that each of the repeats has a whole number of them; 1 without repeats.
SET VARIABLE steps = (
    SELECT least(1000000, list_reduce(
        list(DISTINCT n ORDER BY n), lambda steps, n: CASE WHEN steps > 1000000 THEN steps ELSE lcm(steps, n) END
    ))
    FROM (
        SELECT n_repeats AS n FROM described UNION ALL SELECT n_decided FROM described WHERE n_decided > 0
        UNION ALL SELECT n_repeats FROM labelled UNION ALL SELECT 1
    )
);

-- What an item weighs: two models, each with two sides, divide it by all their repeats.
SET VARIABLE whole = least(10000000000, getvariable('steps')::DOUBLE ** 4)::BIGINT;

CREATE TABLE pairs AS
SELECT
    row_number() OVER (
        ORDER BY items.part NULLS LAST, items.file_row, item_id, model, described.repeat, labelled.repeat
    ) - 1 AS pair,
    item_id, model, gold, unit, described.repeat, labelled.repeat AS label_repeat, described.description, nth,
    coalesce(described.n_repeats, 1) AS n_descriptions,
    weigh(n_descriptions * coalesce(labelled.n_repeats, 1)) AS weight,
    label, CASE WHEN label IS NULL THEN coalesce(labelled.reason, 'no_label') END AS label_reason,
    described, CASE WHEN described IS NULL THEN coalesce(described.reason, 'no_description') END AS description_reason,
    actions_described, terms_described, described_without_embedding, described_by_embedding, scores, has_evidence,
    scores[emotions.position] AS gold_score,
    valence_sign(described.valence) AS described_sign, valence_sign(emotions.valence) AS gold_sign
FROM (SELECT DISTINCT item_id, model FROM asked) AS answered
LEFT JOIN items USING (item_id)
LEFT JOIN units USING (item_id)
LEFT JOIN emotions ON emotion = gold
LEFT JOIN (FROM labelled WHERE mode = getvariable('label_mode')) AS labelled USING (item_id, model)
LEFT JOIN described USING (item_id, model)
ORDER BY pair;

CREATE TABLE verdicts AS
SELECT
    support, pair, item_id, model, repeat, label_repeat, weight, description, n_descriptions, gold, unit, label, described,
    unscored_reason(gold, getvariable('label_mode'), description_reason, label_reason) AS unscored,
    CASE support WHEN 'strict' THEN described = gold ELSE is_lenient_support(gold_score) END AS supports,
    verdict_of(unscored, gold, label, supports) AS verdict,
    detail_of(verdict, unscored, label, has_evidence, described_sign, gold_sign) AS detail,
    evidence_of(gold, actions_described, terms_described) AS evidence
FROM pairs CROSS JOIN (VALUES ('strict'), ('lenient')) AS rules (support)
ORDER BY support, pair;
