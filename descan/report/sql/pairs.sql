-- One row per item and model: its verdict, as the tables count it, and the description that is shown for it.

CREATE TABLE pairs AS
WITH asked AS (
    SELECT DISTINCT item_id, model FROM answers WHERE mode = getvariable('label_mode')
), labelled AS (
    SELECT
        item_id, model,
        bool_or(label IS NOT NULL) AS has_votes,
        arg_min(nullif(reason, ''), repeat) FILTER (label IS NULL) AS reason
    FROM labels SEMI JOIN asked USING (item_id, model)
    WHERE mode = getvariable('label_mode')
    GROUP BY ALL
), repeats AS (
    SELECT item_id, model, repeat, described, CASE
        WHEN status <> 'ok' THEN status
        WHEN refused THEN 'refused'
        WHEN described IS NULL THEN 'language'
    END AS reason
    FROM answers LEFT JOIN readings USING (item_id, model, repeat)
    WHERE mode = 'describe'
), told AS (
    SELECT
        item_id, model, count(*) AS n_repeats, arg_min(coalesce(reason, ''), repeat) AS reason,
        -- The first that reads as the verdict has it; on a tie among the repeats, the first that was read at all.
        coalesce(
            min(repeat) FILTER (reason IS NULL AND repeats.described = verdicts.described),
            min(repeat) FILTER (reason IS NULL),
            min(repeat)
        ) AS repeat
    FROM repeats JOIN verdicts USING (item_id, model)
    GROUP BY ALL
)
SELECT
    ((verdicts.part << 32) + verdicts.file_row)::BIGINT AS place,
    -- Random, but the same for a seed whatever else the corpus holds.
    md5(concat_ws(chr(31), getvariable('seed'), item_id, model)) AS draw,
    item_id, model, coalesce(gold, '') AS gold,
    coalesce(label, CASE WHEN has_votes THEN 'ambiguous' ELSE labelled.reason END, 'no_label') AS label,
    coalesce(described, told.reason, '') AS described,
    verdict, detail, evidence, coalesce("group", '') AS "group", coalesce(media, '') AS media,
    repeat, coalesce(n_repeats, 0) AS n_repeats
FROM verdicts
LEFT JOIN (SELECT item_id, "group", media FROM items) AS items USING (item_id)
LEFT JOIN labelled USING (item_id, model)
LEFT JOIN told USING (item_id, model)
ORDER BY place;

-- What the descriptions that are shown assert of the person.
CREATE VIEW asserted AS
SELECT place, pairs.model, mentions.* EXCLUDE (item_id, model, repeat)
FROM mentions JOIN pairs USING (item_id, model, repeat)
WHERE NOT negated AND target <> 'scene';
