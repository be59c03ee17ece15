-- Every two readers of the same description, and every reader and descan, by described model and of all (no model); and
-- a judge that has read descriptions more than once with itself. Of several readings of a judge the first counts.
-- Cells: the first reading times k, the number of categories and Undecided, and the second.
WITH firsts AS (
    SELECT item_id, model, repeat, rank, reader, kind, arg_min(read, judge_repeat) AS read
    FROM all_readings
    WHERE read IS NOT NULL
    GROUP BY ALL
), read_pairs AS (
    SELECT
        a.item_id, a.model, a.rank AS rank_a, a.reader AS reader_a, b.rank AS rank_b, b.reader AS reader_b,
        a.kind AS kind_a, b.kind AS kind_b, a.read AS read_a, b.read AS read_b
    FROM firsts AS a
    JOIN firsts AS b
        ON a.item_id = b.item_id AND a.model = b.model AND a.repeat = b.repeat
        AND (a.rank, a.reader) < (b.rank, b.reader)
    UNION ALL
    SELECT a.item_id, a.model, a.rank, a.reader, b.rank, b.reader, a.kind, b.kind, a.read, b.read
    FROM all_readings AS a
    JOIN all_readings AS b
        ON a.item_id = b.item_id AND a.model = b.model AND a.repeat = b.repeat AND a.rank = b.rank
        AND a.reader = b.reader AND a.judge_repeat < b.judge_repeat
    WHERE a.read IS NOT NULL AND b.read IS NOT NULL
), placed AS (
    SELECT
        rank_a, reader_a, rank_b, reader_b, model, kind_a, kind_b, unit,
        place_or_none(read_a) * (getvariable('n_categories') + 1) + place_or_none(read_b) AS cell
    FROM read_pairs JOIN units USING (item_id)
), counted AS (
    SELECT * FROM placed
    UNION ALL
    SELECT * REPLACE ('' AS model) FROM placed
)
SELECT reader_a, reader_b, model, kind_a, kind_b, unit, cell, n
FROM (SELECT *, count(*) * whole() AS n FROM counted GROUP BY ALL) AS counts
ORDER BY rank_a, reader_a, rank_b, reader_b, model, unit, cell
