-- The shares of a family by model. Cells: place of gold (none last) * (1 + number of $keys), and then 0 for what is in
-- the denominator, or the place of the key from 1.
WITH keys AS (
    SELECT unnest($keys) AS key, unnest(range(len($keys))) + 1 AS place
), counted AS (
    SELECT model, unit, gold, 0 AS place, n FROM share_bases WHERE base = $base
    UNION ALL
    SELECT model, unit, gold, place, n FROM share_hits JOIN keys USING (key) WHERE family = $family
)
SELECT model, unit, place_or_none(gold) * (1 + len($keys)) + place AS cell, n
FROM counted
ORDER BY model, unit
