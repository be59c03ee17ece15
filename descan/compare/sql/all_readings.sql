-- How people and judges have read a description, and descan where one of them has. rank is the order of kinds.
CREATE TABLE all_readings AS
SELECT
    item_id, model, repeat, reader, kind, CASE kind WHEN 'person' THEN 0 ELSE 1 END AS rank,
    nullif(described, '') AS read, nullif(second, '') AS second, judge_repeat, status
FROM given_readings
UNION ALL BY NAME
SELECT
    item_id, model, repeat, 'descan' AS reader, 'descan' AS kind, 2 AS rank, described AS read, 0 AS judge_repeat,
    'read' AS status
FROM descriptions
SEMI JOIN given_readings USING (item_id, model, repeat);
