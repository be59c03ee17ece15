-- Two analyses, A and B, side by side: a row for each item and pair of models.

CREATE TABLE model_pairs AS
SELECT unnest(range(len(getvariable('models_a')))) AS comparison,
    unnest(getvariable('models_a')) AS model_a, unnest(getvariable('models_b')) AS model_b;

-- What an item weighs in whole numbers, as in rules.sql. The weights of a verdict are 1 / n for whole n.
SET VARIABLE whole = (
    SELECT least(10000000000, list_reduce(
        list(DISTINCT n ORDER BY n), lambda whole, n: CASE WHEN whole > 1000000 THEN whole ELSE lcm(whole, n) END
    ) ** 2)::BIGINT
    FROM (
        SELECT round(1 / weight)::BIGINT AS n FROM a_outcomes UNION ALL SELECT round(1 / weight)::BIGINT FROM b_outcomes
        UNION ALL SELECT 1
    )
);

CREATE TABLE outcomes AS
SELECT side, comparison, item_id, gold, label, described, verdict, detail, repeat, label_repeat, part, file_row,
    round(weight * whole())::BIGINT AS weight
FROM (
    SELECT 'a' AS side, comparison, a_outcomes.* FROM a_outcomes JOIN model_pairs ON model = model_a
    UNION ALL BY NAME
    SELECT 'b' AS side, comparison, b_outcomes.* FROM b_outcomes JOIN model_pairs ON model = model_b
);

-- An item is listed under the verdict that most of its repeats have, with the first of these.
CREATE TABLE sides AS
WITH listed AS (
    SELECT *
    FROM (
        SELECT *, sum(weight) OVER (PARTITION BY side, comparison, item_id, verdict) AS of_verdict
        FROM outcomes
    )
    QUALIFY row_number() OVER (
        PARTITION BY side, comparison, item_id
        ORDER BY of_verdict DESC, list_position(getvariable('verdicts'), verdict), part, file_row
    ) = 1
), a AS (
    FROM listed WHERE side = 'a'
), b AS (
    FROM listed WHERE side = 'b'
)
SELECT
    row_number() OVER (ORDER BY a.part NULLS LAST, a.file_row, b.part, b.file_row) - 1 AS pair,
    comparison, item_id,
    a.gold AS gold_a, a.label AS label_a, a.described AS described_a, a.verdict AS verdict_a, a.detail AS detail_a,
    b.gold AS gold_b, b.label AS label_b, b.described AS described_b, b.verdict AS verdict_b, b.detail AS detail_b,
    CASE
        WHEN b.verdict IS NULL THEN 'only_in_a'
        WHEN a.verdict IS NULL THEN 'only_in_b'
        WHEN a.gold IS DISTINCT FROM b.gold THEN 'gold_differs'
    END AS left_out
FROM a FULL JOIN b USING (comparison, item_id);

-- What is resampled: the group of an item by A, else by B, else the item itself.
CREATE TABLE item_groups AS
SELECT item_id, nullif(a_items."group", '') AS group_a, nullif(b_items."group", '') AS group_b
FROM (SELECT DISTINCT item_id FROM sides WHERE left_out IS NULL) AS compared
LEFT JOIN a_items USING (item_id)
LEFT JOIN b_items USING (item_id);

CREATE TABLE units AS
SELECT
    item_id, coalesce(group_a, group_b) AS "group",
    dense_rank() OVER (
        ORDER BY coalesce(group_a, group_b) IS NULL, coalesce(group_a, group_b),
            CASE WHEN group_a IS NULL AND group_b IS NULL THEN item_id END
    ) AS unit
FROM item_groups;

-- What was asked, in the mode of descriptions and in that of labels.
CREATE TABLE asked AS
SELECT
    comparison, item_id,
    bool_or(side = 'a' AND mode = 'describe') AS describe_a, bool_or(side = 'b' AND mode = 'describe') AS describe_b,
    bool_or(side = 'a' AND mode <> 'describe') AS label_a, bool_or(side = 'b' AND mode <> 'describe') AS label_b
FROM (
    SELECT 'a' AS side, comparison, item_id, mode
    FROM a_answers JOIN model_pairs ON model = model_a
    WHERE mode IN ('describe', getvariable('label_mode_a'))
    UNION ALL
    SELECT 'b', comparison, item_id, mode
    FROM b_answers JOIN model_pairs ON model = model_b
    WHERE mode IN ('describe', getvariable('label_mode_b'))
)
GROUP BY comparison, item_id;

CREATE TABLE compared AS
SELECT
    sides.* EXCLUDE (gold_b, left_out) RENAME (gold_a AS gold), unit, "group",
    describe_a OR describe_b AS is_described, asked.label_a OR asked.label_b AS is_labelled
FROM sides JOIN units USING (item_id) LEFT JOIN asked USING (comparison, item_id)
WHERE left_out IS NULL
ORDER BY pair;

-- The compared items again, by all that their repeats say, each combination with its weight.
CREATE TABLE weighed AS
WITH said AS (
    SELECT side, comparison, item_id, label, described, verdict, sum(weight) AS weight FROM outcomes GROUP BY ALL
)
SELECT
    comparison, item_id, unit, compared.gold, is_described, is_labelled, a.label AS label_a, b.label AS label_b,
    a.described AS described_a, b.described AS described_b, a.verdict AS verdict_a, b.verdict AS verdict_b,
    weigh_both(a.weight, b.weight) AS weight
FROM compared
JOIN (FROM said WHERE side = 'a') AS a USING (comparison, item_id)
JOIN (FROM said WHERE side = 'b') AS b USING (comparison, item_id);

-- Comparisons in which both sides were asked in a mode.
CREATE TABLE modes AS
SELECT
    comparison, bool_or(describe_a) AND bool_or(describe_b) AS has_describe,
    bool_or(label_a) AND bool_or(label_b) AS has_label
FROM asked
GROUP BY comparison;

-- Whether a description supports gold by the rule of its analysis; NULL where that is not known.
CREATE MACRO supports(verdict, gold, described, support) AS CASE
    WHEN verdict IN ('right', 'labeling_failure') THEN true
    WHEN verdict IN ('lucky', 'seeing_failure') THEN false
    WHEN support = 'strict' THEN described = gold
END;
