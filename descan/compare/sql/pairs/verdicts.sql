-- Items of two models by unit and cell, for each place in the lists of sides: verdict of a and of b by one rule of
-- support, which is the mode of both. The cell is NULL where either has no verdict.
WITH sides AS (
    SELECT
        unnest(range(len($models_a))) AS comparison,
        unnest($models_a) AS model_a, unnest($modes_a) AS mode_a, unnest($models_b) AS model_b, unnest($modes_b) AS mode_b
), places AS (
    SELECT
        item_id, model, unit, support,
        CASE WHEN verdict <> 'unscored' THEN list_position(getvariable('verdicts'), verdict) END AS place,
        sum(weight)::BIGINT AS weight
    FROM verdicts
    WHERE gold IS NOT NULL
    GROUP BY ALL
), a AS (
    SELECT comparison, item_id, unit, place, weight FROM places JOIN sides ON model = model_a AND support = mode_a
), b AS (
    SELECT comparison, item_id, unit, place, weight FROM places JOIN sides ON model = model_b AND support = mode_b
)
SELECT
    comparison, unit, (a.place - 1) * 4 + b.place - 1 AS cell,
    sum(weigh_both(coalesce(a.weight, whole()), coalesce(b.weight, whole())))::BIGINT AS n
FROM a FULL JOIN b USING (comparison, item_id, unit)
GROUP BY ALL
ORDER BY comparison, unit
