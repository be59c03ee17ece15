-- Scored items by how many of their descriptions support gold, and how many of their labels are gold; by the chosen rule.
CREATE TABLE abilities AS
SELECT
    model, gold, unit, any_value(n_descriptions) AS n_descriptions, count(*) // any_value(n_descriptions) AS n_labels,
    count(*) FILTER (supports) // (count(*) // any_value(n_descriptions)) AS n_supporting,
    count(*) FILTER (label = gold) // any_value(n_descriptions) AS n_right
FROM verdicts
WHERE support = getvariable('support') AND verdict <> 'unscored'
GROUP BY item_id, model, gold, unit;

-- The patterns that occur, each with a number.
CREATE TABLE ability_patterns AS
SELECT
    row_number() OVER (ORDER BY gold, n_descriptions, n_supporting, n_labels, n_right) - 1 AS pattern,
    gold, n_descriptions, n_supporting, n_labels, n_right
FROM (SELECT DISTINCT gold, n_descriptions, n_supporting, n_labels, n_right FROM abilities);
