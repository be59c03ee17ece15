-- Items by unit and pattern: what each cell (model and mode, numbered in the table sides) answered, as the number of its
-- answers with a category and of those that are right. Units are drawn by a hash until there are $max_items items.
WITH counted AS (
    SELECT item_id, unit, side, count(*) AS n, sum(is_right) AS n_right
    FROM trials JOIN sides USING (model, mode)
    WHERE is_right IS NOT NULL
    GROUP BY ALL
), units_drawn AS (
    SELECT unit, sum(count(DISTINCT item_id)) OVER (ORDER BY hash(unit), unit) AS n_up_to
    FROM counted
    GROUP BY unit
), patterns AS (
    SELECT item_id, unit, list(struct_pack(side := side, n := n, n_right := n_right) ORDER BY side) AS pattern
    FROM counted SEMI JOIN (FROM units_drawn WHERE n_up_to <= $max_items) AS drawn USING (unit)
    GROUP BY ALL
)
SELECT unit, pattern, count(*) AS n FROM patterns GROUP BY ALL ORDER BY unit, pattern
