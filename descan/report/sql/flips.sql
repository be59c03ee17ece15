-- The flips of a page, in the order in which they are taken until there are enough bytes of them, with the answers of
-- both sides. All cells draw in the same order.

CREATE TABLE shown AS
WITH ranked AS (
    SELECT
        file_row AS place, md5(concat_ws(chr(31), getvariable('seed'), item_id, model_a)) AS draw,
        row_number() OVER (PARTITION BY model_a, verdict_a, verdict_b ORDER BY draw, file_row) AS rank
    FROM flips
    WHERE model_a IN (SELECT unnest(getvariable('models')))
)
SELECT
    row_number() OVER (ORDER BY rank, draw, place) AS number, rank, flips.*,
    coalesce(nullif(a_items.media, ''), b_items.media, '') AS media
FROM ranked JOIN flips ON file_row = place LEFT JOIN a_items USING (item_id) LEFT JOIN b_items USING (item_id)
WHERE rank <= getvariable('cases_per_cell')
ORDER BY number;

CREATE TABLE shown_sides AS
SELECT
    number, 'a' AS run, item_id, model_a AS model, getvariable('label_mode_a') AS label_mode,
    label_a AS label, described_a AS described, detail_a AS detail
FROM shown
UNION ALL
SELECT number, 'b', item_id, model_b, getvariable('label_mode_b'), label_b, described_b, detail_b
FROM shown;

CREATE VIEW answers AS SELECT 'a' AS run, * FROM a_answers UNION ALL SELECT 'b', * FROM b_answers;
CREATE VIEW labels AS SELECT 'a' AS run, * FROM a_labels UNION ALL SELECT 'b', * FROM b_labels;
CREATE VIEW readings AS SELECT 'a' AS run, * FROM a_readings UNION ALL BY NAME SELECT 'b' AS run, * FROM b_readings;
CREATE VIEW mentions AS SELECT 'a' AS run, * FROM a_mentions UNION ALL SELECT 'b', * FROM b_mentions;

CREATE TABLE shown_answers AS
SELECT number, run, answers.mode, answers.repeat, answers.status, answers.text
FROM answers JOIN shown_sides USING (run, item_id, model)
WHERE answers.mode IN ('describe', label_mode);

-- The description that is shown: the first that reads as the verdict has it; on a tie among the repeats, the first that
-- was read at all.
CREATE TABLE told AS
WITH repeats AS (
    SELECT number, run, answers.repeat, readings.described, shown_sides.described AS wanted, CASE
        WHEN status <> 'ok' THEN status
        WHEN refused THEN 'refused'
        WHEN readings.described IS NULL THEN 'language'
    END AS reason
    FROM shown_answers AS answers JOIN shown_sides USING (number, run)
    LEFT JOIN readings USING (run, item_id, model, repeat)
    WHERE mode = 'describe'
)
SELECT
    number, run, count(*) AS n_repeats, arg_min(coalesce(reason, ''), repeat) AS reason,
    coalesce(
        min(repeat) FILTER (reason IS NULL AND described = wanted), min(repeat) FILTER (reason IS NULL), min(repeat)
    ) AS repeat
FROM repeats
GROUP BY number, run;

-- The reply with the label, or the first reply, and why there is no label.
CREATE TABLE replied AS
SELECT
    number, run, bool_or(labels.label IS NOT NULL) AS has_votes,
    arg_min(nullif(reason, ''), answers.repeat) FILTER (labels.label IS NULL) AS reason,
    coalesce(
        arg_min(text, answers.repeat) FILTER (labels.label = shown_sides.label), arg_min(text, answers.repeat)
    ) AS reply
FROM shown_answers AS answers JOIN shown_sides USING (number, run)
LEFT JOIN labels USING (run, item_id, model, mode, repeat)
WHERE answers.mode = label_mode
GROUP BY number, run;

CREATE TABLE side_texts AS
SELECT
    number, run,
    coalesce(label, CASE WHEN has_votes THEN 'ambiguous' ELSE replied.reason END, 'no_label') AS label,
    coalesce(described, told.reason, '') AS described, coalesce(detail, '') AS detail,
    told.repeat, coalesce(n_repeats, 0) AS n_repeats,
    substr(coalesce(reply, ''), 1, getvariable('max_reply')) AS reply,
    substr(coalesce(text, ''), 1, getvariable('max_characters')) AS text, coalesce(length(text), 0) AS n_characters,
    CASE WHEN people.run IS NULL THEN 'descan' ELSE 'people' END AS read_by
FROM shown_sides
LEFT JOIN told USING (number, run)
LEFT JOIN replied USING (number, run)
LEFT JOIN (FROM shown_answers WHERE mode = 'describe') AS descriptions USING (number, run, repeat)
LEFT JOIN (
    SELECT 'a' AS run, * FROM a_read_by_people UNION ALL SELECT 'b', * FROM b_read_by_people
) AS people USING (run, item_id, model, repeat)
ORDER BY number, run;

CREATE TABLE side_mentions AS
SELECT
    number, run, start, "end", kind, coalesce(nullif(action, ''), term) AS name, category,
    negated, hedged, target, is_conclusion, entry, negation_cue, hedge_cue, degree, mentions.side, aus, region
FROM told JOIN shown_sides USING (number, run) JOIN mentions USING (run, item_id, model, repeat)
WHERE "end" <= getvariable('max_characters')
ORDER BY number, run, start, "end", kind, part, file_row;
