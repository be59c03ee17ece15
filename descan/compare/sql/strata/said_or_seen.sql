-- Descriptions of items about which the model has decided. Cells: seen or not * 3 + not mentioned (0), denied (1), said (2).
-- Actions of one unit count once in sums over actions.
WITH levels AS (
    SELECT model, region, action, unit, cell, n FROM said_or_seen WHERE $level = 'actions'
    UNION ALL SELECT model, region, 'all', unit, cell, n FROM said_or_seen WHERE $level = 'regions' AND is_first
    UNION ALL SELECT model, 'all', 'all', unit, cell, n FROM said_or_seen WHERE $level = 'all' AND is_first
)
SELECT model, region, action, unit, cell, sum(n)::BIGINT AS n
FROM levels
GROUP BY ALL
ORDER BY model, region, action, unit
