-- By item, model and mode: the places of the categories of its repeats, in order; answers without one are left out.
CREATE TABLE repeats AS
WITH categories AS (
    SELECT item_id, model, 'describe' AS mode, place(described) AS category FROM descriptions
    UNION ALL
    SELECT item_id, model, mode, place(label) FROM labels WHERE label IS NOT NULL
)
SELECT model, mode, item_id, unit, list_sort(list(category)) AS votes
FROM categories JOIN units USING (item_id)
GROUP BY ALL;
