-- Descriptions of two models of the same item and action that a witness tells. Cells: shown * 4 + the first says it * 2 + the
-- second does. Actions of one unit count once.
WITH said AS (
    SELECT model, item_id, witness, number, unit, present, surety > 1 AS says, n_repeats
    FROM witnessed JOIN witness_actions USING (number)
    JOIN (SELECT description, item_id, model, unit, n_repeats FROM descriptions) AS descriptions USING (description)
    WHERE is_first
)
SELECT
    a.model AS model_a, b.model AS model_b, a.witness, a.unit,
    a.present::INTEGER * 4 + a.says::INTEGER * 2 + b.says::INTEGER AS cell,
    sum(weigh(a.n_repeats * b.n_repeats))::BIGINT AS n
FROM said AS a
JOIN said AS b ON a.item_id = b.item_id AND a.witness = b.witness AND a.number = b.number AND a.model < b.model
GROUP BY ALL
ORDER BY model_a, model_b, a.witness, a.unit
