-- Every two readers of the same description, and every reader and descan, by described model and of all (no model).
-- Cells: the first reading times k, the number of categories and Undecided, and the second.
WITH readings AS (
    SELECT item_id, model, repeat, reader, read, 0 AS is_descan FROM reader_readings
    UNION ALL
    SELECT item_id, model, repeat, 'descan', described, 1
    FROM descriptions SEMI JOIN reader_readings USING (item_id, model, repeat)
), pairs_of_readers AS (
    SELECT
        a.reader AS reader_a, b.reader AS reader_b, a.model, unit,
        place_or_none(a.read) * (getvariable('n_categories') + 1) + place_or_none(b.read) AS cell
    FROM readings AS a
    JOIN readings AS b
        ON a.item_id = b.item_id AND a.model = b.model AND a.repeat = b.repeat
        AND (a.is_descan, a.reader) < (b.is_descan, b.reader)
    JOIN units ON units.item_id = a.item_id
), counted AS (
    SELECT * FROM pairs_of_readers
    UNION ALL
    SELECT * REPLACE ('' AS model) FROM pairs_of_readers
)
SELECT *
FROM (SELECT reader_a, reader_b, model, unit, cell, count(*) * whole() AS n FROM counted GROUP BY ALL) AS counts
ORDER BY reader_a, reader_b = 'descan', reader_b, model, unit, cell
