-- What witnesses tell of the actions of the inventory, and what descriptions say of them. Four tables are there before it:
-- witness_actions (number, action, region, aus, needs_all, only_absent, is_first, not_beside), witness_units (number, unit,
-- needs, is_one_sided), speaking_actions (number, category) and mention_names (number, said, only_one_sided): under which
-- names a text may say an action.

-- Numbers of the items that witnesses tell of, by which told_actions.sql goes through them.
CREATE TABLE witness_items AS
SELECT item_id, row_number() OVER (ORDER BY item_id) - 1 AS item FROM (SELECT DISTINCT item_id FROM witnesses);

CREATE TABLE told_units AS
SELECT
    item, item_id, witness, action_unit AS unit, bool_or(is_shown) AS is_shown,
    CASE
        WHEN bool_and(side = 'left') FILTER (is_shown) THEN 'left'
        WHEN bool_and(side = 'right') FILTER (is_shown) THEN 'right' ELSE ''
    END AS side
FROM (
    SELECT *, coalesce(
        present = 1, intensity >= getvariable('present_intensity') - 1e-9,
        probability >= getvariable('present_probability') - 1e-9
    ) AS is_shown
    FROM witnesses JOIN witness_items USING (item_id)
)
GROUP BY ALL;

CREATE TABLE sided_units AS
SELECT DISTINCT witness, action_unit AS unit FROM witnesses WHERE side <> '';

CREATE TABLE told_actions (item_id VARCHAR, witness VARCHAR, number INTEGER, present BOOLEAN, side VARCHAR);
