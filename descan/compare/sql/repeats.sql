-- What the repeats of an item say: the places of their categories, in order; answers without one are left out.
-- By model, mode and unit: how many items have these votes.
CREATE TABLE repeat_patterns AS
WITH categories AS (
    SELECT item_id, model, 'describe' AS mode, place(described) AS category FROM descriptions
    UNION ALL
    SELECT item_id, model, mode, place(label) FROM labels WHERE label IS NOT NULL
), repeats AS (
    SELECT model, mode, item_id, unit, list_sort(list(category)) AS votes
    FROM categories JOIN units USING (item_id)
    GROUP BY ALL
)
SELECT model, mode, unit, votes, count(*) AS n FROM repeats GROUP BY ALL;
