-- Items by gold and by what each of the witnesses tells of an action. Cells: place of gold (none last) * 3 ^ n_witnesses, and
-- then a digit for each witness: 0 not told, 1 not there, 2 there; the first one's is the most significant.
SELECT
    action, unit,
    (place_or_none(any_value(gold)) * 3 ** len($witnesses)
        + sum((1 + present::INTEGER) * 3 ** (len($witnesses) - list_position($witnesses, witness))))::BIGINT AS cell,
    whole() AS n
FROM told_actions
JOIN witness_actions USING (number)
JOIN (SELECT item_id, units.unit FROM units) AS units USING (item_id)
LEFT JOIN (SELECT item_id, any_value(gold) AS gold FROM descriptions GROUP BY ALL) AS golds USING (item_id)
WHERE list_contains($witnesses, witness)
GROUP BY action, unit, item_id
ORDER BY action, unit
