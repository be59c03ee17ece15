-- Descriptions by what the witness tells of an action and what the text says of it. Cells: place of gold (none last) * 8, and
-- then shown * 4 + how surely it is said, 0 (no) to 3 (asserted). Actions of one unit count once in sums over actions.
WITH outcomes AS (
    SELECT
        model, witness, region, action, is_first, unit, place_or_none(gold) * 8 + present::INTEGER * 4 + surety AS cell,
        weigh(n_repeats) AS n
    FROM witnessed JOIN witness_actions USING (number)
    JOIN (SELECT description, model, unit, gold, n_repeats FROM descriptions) AS descriptions USING (description)
), levels AS (
    SELECT model, witness, region, action, unit, cell, n FROM outcomes WHERE $level = 'actions'
    UNION ALL SELECT model, witness, region, 'all', unit, cell, n FROM outcomes WHERE $level = 'regions' AND is_first
    UNION ALL SELECT model, witness, 'all', 'all', unit, cell, n FROM outcomes WHERE $level = 'all' AND is_first
)
SELECT model, witness, region, action, unit, cell, sum(n)::BIGINT AS n
FROM levels
GROUP BY ALL
ORDER BY model, witness, region, action, unit
