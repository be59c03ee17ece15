-- What witnesses tell of the actions of the inventory, of the items from first_item on: all at once would take too much memory.
-- A unit that a witness cannot tell is unknown, never absent; but one is absent where another one that it needs is.
INSERT INTO told_actions
WITH block AS (
    FROM told_units WHERE item >= getvariable('first_item') AND item < getvariable('end_item')
), states AS (
    SELECT
        pairs.item_id, pairs.witness, number, coalesce(told.side, '') AS side,
        CASE
            WHEN told.is_shown AND is_one_sided THEN told.side <> ''
            WHEN told.is_shown IS NOT NULL THEN told.is_shown
            WHEN NOT needed.is_shown THEN false
        END AS is_shown
    FROM (SELECT DISTINCT item_id, witness FROM block) AS pairs
    CROSS JOIN witness_units
    LEFT JOIN block AS told
        ON told.item_id = pairs.item_id AND told.witness = pairs.witness AND told.unit = witness_units.unit
    LEFT JOIN block AS needed
        ON needed.item_id = pairs.item_id AND needed.witness = pairs.witness AND needed.unit = witness_units.needs
    WHERE NOT is_one_sided OR (pairs.witness, witness_units.unit) IN (FROM sided_units)
), whole_states AS (
    SELECT
        item_id, witness, number,
        CASE
            WHEN count(*) FILTER (NOT is_shown) > 0 AND any_value(needs_all) THEN false
            WHEN count(*) FILTER (is_shown) > 0 AND NOT any_value(needs_all) THEN true
            WHEN count(is_shown) = count(*) THEN any_value(needs_all)
        END AS is_shown,
        CASE WHEN min(side) FILTER (is_shown) = max(side) FILTER (is_shown) THEN min(side) FILTER (is_shown) ELSE '' END AS side
    FROM states JOIN witness_actions USING (number)
    GROUP BY ALL
)
SELECT
    whole.item_id, whole.witness, number, whole.is_shown AS present, CASE WHEN whole.is_shown THEN whole.side ELSE '' END AS side
FROM whole_states AS whole
JOIN witness_actions USING (number)
LEFT JOIN block AS beside
    ON beside.item_id = whole.item_id AND beside.witness = whole.witness AND beside.unit = not_beside
WHERE whole.is_shown IS NOT NULL AND NOT (whole.is_shown AND (only_absent OR coalesce(beside.is_shown, false)));
