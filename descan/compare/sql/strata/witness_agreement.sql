-- Items of which two witnesses tell an action. Cells: the first sees it * 2 + the second does. Actions of one unit count once
-- in the sum over actions.
WITH told_by_both AS (
    SELECT
        a.witness AS witness_a, b.witness AS witness_b, action, is_first, unit,
        a.present::INTEGER * 2 + b.present::INTEGER AS cell
    FROM told_actions AS a
    JOIN told_actions AS b ON a.item_id = b.item_id AND a.number = b.number AND a.witness < b.witness
    JOIN witness_actions ON witness_actions.number = a.number
    JOIN (SELECT item_id, units.unit FROM units) AS units ON units.item_id = a.item_id
), levels AS (
    SELECT witness_a, witness_b, 'all' AS action, unit, cell FROM told_by_both WHERE is_first
    UNION ALL SELECT witness_a, witness_b, action, unit, cell FROM told_by_both
)
SELECT witness_a, witness_b, action, unit, cell, whole() * count(*) AS n
FROM levels
GROUP BY ALL
ORDER BY witness_a, witness_b, action, unit
