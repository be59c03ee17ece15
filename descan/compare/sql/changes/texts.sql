-- Answers that are word for word the same in A and B, and what was read in them on either side.

CREATE TABLE texts AS
WITH pairs AS (
    SELECT pair, item_id, model_a, model_b FROM compared JOIN model_pairs USING (comparison)
), a AS (
    SELECT pair, mode <> 'describe' AS is_label, repeat, md5(text) AS text
    FROM a_answers JOIN pairs ON a_answers.item_id = pairs.item_id AND model = model_a
    WHERE mode IN ('describe', getvariable('label_mode_a')) AND status = 'ok'
), b AS (
    SELECT pair, mode <> 'describe' AS is_label, repeat, md5(text) AS text
    FROM b_answers JOIN pairs ON b_answers.item_id = pairs.item_id AND model = model_b
    WHERE mode IN ('describe', getvariable('label_mode_b')) AND status = 'ok'
)
SELECT pair, is_label, repeat, a.text = b.text AS is_same FROM a JOIN b USING (pair, is_label, repeat);

CREATE TABLE same_texts AS
SELECT pair, comparison, repeat, item_id, model_a, model_b
FROM texts JOIN compared USING (pair) JOIN model_pairs USING (comparison)
WHERE is_same AND NOT is_label;

-- The same description, another reading.
CREATE TABLE reread AS
SELECT pair, comparison, same.item_id, same.model_a, same.model_b, same.repeat,
    a_readings.described AS described_a, b_readings.described AS described_b
FROM same_texts AS same
JOIN a_readings ON a_readings.item_id = same.item_id AND a_readings.model = model_a AND a_readings.repeat = same.repeat
JOIN b_readings ON b_readings.item_id = same.item_id AND b_readings.model = model_b AND b_readings.repeat = same.repeat
WHERE a_readings.described <> b_readings.described;

-- The same reply, another label.
CREATE TABLE relabelled AS
SELECT pair, comparison, a_labels.repeat
FROM texts
JOIN compared USING (pair)
JOIN model_pairs USING (comparison)
JOIN a_labels
    ON a_labels.item_id = compared.item_id AND a_labels.model = model_a AND a_labels.repeat = texts.repeat
    AND a_labels.mode = getvariable('label_mode_a')
JOIN b_labels
    ON b_labels.item_id = compared.item_id AND b_labels.model = model_b AND b_labels.repeat = texts.repeat
    AND b_labels.mode = getvariable('label_mode_b')
WHERE is_same AND is_label
    AND (a_labels.label IS DISTINCT FROM b_labels.label OR a_labels.reason IS DISTINCT FROM b_labels.reason);

-- Mentions in the same descriptions: on one side, or on both and maybe read otherwise.
CREATE TABLE read_mentions AS
WITH a AS (
    SELECT
        pair, same.repeat, kind, coalesce(nullif(action, ''), term) AS name, start, "end",
        min(category) AS category, min(concat_ws(chr(31), category, negated, hedged, target)) AS said
    FROM a_mentions JOIN same_texts AS same
        ON a_mentions.item_id = same.item_id AND model = model_a AND a_mentions.repeat = same.repeat
    GROUP BY ALL
), b AS (
    SELECT
        pair, same.repeat, kind, coalesce(nullif(action, ''), term) AS name, start, "end",
        min(category) AS category, min(concat_ws(chr(31), category, negated, hedged, target)) AS said
    FROM b_mentions JOIN same_texts AS same
        ON b_mentions.item_id = same.item_id AND model = model_b AND b_mentions.repeat = same.repeat
    GROUP BY ALL
)
SELECT
    pair, repeat, kind, name, a.category AS category_a, b.category AS category_b, a.said AS said_a, b.said AS said_b
FROM a FULL JOIN b USING (pair, repeat, kind, name, start, "end");
