-- Descriptions that a person may be asked to read, each with its stratum. Where pairs are scored these are theirs, since
-- verdict shares are of scored pairs; in a corpus without gold or labels they are all that were read.
-- `doubt` is 1 where another category has as high a score as that which descan read, and 0 where none has any.

CREATE TABLE judged AS
SELECT item_id, model, repeat, any_value(gold) AS gold, arg_max(verdict, weight) AS stratum
FROM own_verdicts
WHERE verdict <> 'unscored' AND repeat IS NOT NULL
GROUP BY ALL;

CREATE TABLE descriptions AS
WITH readable AS (
    SELECT
        item_id, model, repeat, described,
        list_reverse_sort(list_value(*COLUMNS('^score_'))) AS scores
    FROM own_readings
    WHERE described IS NOT NULL AND NOT refused
), strata AS (
    SELECT readable.*, gold, coalesce(stratum, described) AS stratum
    FROM readable LEFT JOIN judged USING (item_id, model, repeat)
    WHERE stratum IS NOT NULL OR (SELECT count(*) FROM judged) = 0
)
SELECT
    row_number() OVER (ORDER BY item_id, model, repeat) AS place, item_id, model, repeat, stratum, coalesce(gold, '') AS gold,
    CASE WHEN described = 'Undecided' OR scores[1] <= 0 THEN 1 ELSE coalesce(scores[2] / scores[1], 0) END AS doubt,
    -- Random, but the same for a seed whatever else the corpus holds.
    md5(concat_ws(chr(31), getvariable('seed'), item_id, model, repeat)) AS draw
FROM strata
SEMI JOIN (FROM answers WHERE mode = 'describe' AND status = 'ok') AS told USING (item_id, model, repeat)
ORDER BY place;

CREATE VIEW told AS
SELECT item_id, model, repeat, text, language FROM answers WHERE mode = 'describe';
