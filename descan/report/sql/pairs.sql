-- One row per item and model: its verdict, and the description that is shown for it. Where repeats differ an item is
-- listed under the verdict that has most of its weight, with the first description and label that have it, and `shares`
-- tells what each verdict has.

CREATE TABLE pairs AS
WITH asked AS (
    SELECT DISTINCT item_id, model FROM answers WHERE mode = getvariable('label_mode')
), labelled AS (
    SELECT item_id, model, arg_min(nullif(reason, ''), repeat) FILTER (label IS NULL) AS reason
    FROM labels SEMI JOIN asked USING (item_id, model)
    WHERE mode = getvariable('label_mode')
    GROUP BY ALL
), told AS (
    SELECT item_id, model, count(*) AS n_repeats, min(repeat) AS first_repeat, arg_min(coalesce(reason, ''), repeat) AS reason
    FROM (
        SELECT item_id, model, repeat, CASE
            WHEN status <> 'ok' THEN status
            WHEN refused THEN 'refused'
            WHEN described IS NULL THEN 'language'
        END AS reason
        FROM answers LEFT JOIN readings USING (item_id, model, repeat)
        WHERE mode = 'describe'
    )
    GROUP BY ALL
), weighed AS (
    SELECT
        *, round(sum(weight) OVER (PARTITION BY item_id, model, verdict), 9) AS of_verdict,
        list_position(['right', 'lucky', 'labeling_failure', 'seeing_failure'], verdict) AS position
    FROM verdicts
), listed AS (
    FROM weighed
    QUALIFY row_number() OVER (
        PARTITION BY item_id, model ORDER BY of_verdict DESC, position, part, file_row
    ) = 1
), divided AS (
    SELECT
        item_id, model,
        string_agg(verdict || ' ' || round(100 * of_verdict)::INTEGER || '%', ', ' ORDER BY of_verdict DESC, position) AS shares
    FROM (SELECT DISTINCT item_id, model, verdict, of_verdict, position FROM weighed WHERE of_verdict < 1)
    GROUP BY ALL
)
SELECT
    ((listed.part << 32) + listed.file_row)::BIGINT AS place,
    -- Random, but the same for a seed whatever else the corpus holds.
    md5(concat_ws(chr(31), getvariable('seed'), item_id, model)) AS draw,
    item_id, model, coalesce(gold, '') AS gold, coalesce(label, labelled.reason, 'no_label') AS label,
    coalesce(described, told.reason, '') AS described,
    verdict, detail, evidence, coalesce("group", '') AS "group", coalesce(media, '') AS media,
    coalesce(listed.repeat, first_repeat) AS repeat, coalesce(n_repeats, 0) AS n_repeats, coalesce(shares, '') AS shares,
    CASE WHEN people.item_id IS NULL THEN 'descan' ELSE 'people' END AS read_by
FROM listed
LEFT JOIN (SELECT item_id, "group", media FROM items) AS items USING (item_id)
LEFT JOIN labelled USING (item_id, model)
LEFT JOIN told USING (item_id, model)
LEFT JOIN divided USING (item_id, model)
LEFT JOIN read_by_people AS people
    ON people.item_id = listed.item_id AND people.model = listed.model
    AND people.repeat = coalesce(listed.repeat, first_repeat)
ORDER BY place;

-- What the descriptions that are shown assert of the person.
CREATE VIEW asserted AS
SELECT place, pairs.model, mentions.* EXCLUDE (item_id, model, repeat)
FROM mentions JOIN pairs USING (item_id, model, repeat)
WHERE NOT negated AND target <> 'scene';
