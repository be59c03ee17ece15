-- What witnesses tell of the actions of the inventory, and what descriptions say of them. Four tables are there before it:
-- witness_actions (number, action, region, aus, needs_all, only_absent, is_first, not_beside), witness_units (number, unit,
-- needs, is_one_sided), speaking_actions (number, category) and mention_names (number, said, only_one_sided): under which
-- names a text may say an action.

CREATE TABLE told_units AS
SELECT
    item_id, witness, action_unit AS unit, bool_or(is_shown) AS is_shown,
    CASE
        WHEN bool_and(side = 'left') FILTER (is_shown) THEN 'left'
        WHEN bool_and(side = 'right') FILTER (is_shown) THEN 'right' ELSE ''
    END AS side
FROM (
    SELECT *, coalesce(
        present = 1, intensity >= getvariable('present_intensity') - 1e-9,
        probability >= getvariable('present_probability') - 1e-9
    ) AS is_shown
    FROM witnesses
)
GROUP BY ALL;

-- A unit that a witness cannot tell is unknown, never absent; but one is absent where another one that it needs is.
CREATE TABLE told_actions AS
WITH sided AS (
    SELECT DISTINCT witness, action_unit AS unit FROM witnesses WHERE side <> ''
), states AS (
    SELECT
        pairs.item_id, pairs.witness, number, coalesce(told.side, '') AS side,
        CASE
            WHEN told.is_shown AND is_one_sided THEN told.side <> ''
            WHEN told.is_shown IS NOT NULL THEN told.is_shown
            WHEN NOT needed.is_shown THEN false
        END AS is_shown
    FROM (SELECT DISTINCT item_id, witness FROM told_units) AS pairs
    CROSS JOIN witness_units
    LEFT JOIN told_units AS told
        ON told.item_id = pairs.item_id AND told.witness = pairs.witness AND told.unit = witness_units.unit
    LEFT JOIN told_units AS needed
        ON needed.item_id = pairs.item_id AND needed.witness = pairs.witness AND needed.unit = witness_units.needs
    WHERE NOT is_one_sided OR (pairs.witness, witness_units.unit) IN (FROM sided)
), whole_states AS (
    SELECT
        item_id, witness, number,
        CASE
            WHEN count(*) FILTER (NOT is_shown) > 0 AND any_value(needs_all) THEN false
            WHEN count(*) FILTER (is_shown) > 0 AND NOT any_value(needs_all) THEN true
            WHEN count(is_shown) = count(*) THEN any_value(needs_all)
        END AS is_shown,
        CASE WHEN count(DISTINCT side) FILTER (is_shown) = 1 THEN any_value(side) FILTER (is_shown) ELSE '' END AS side
    FROM states JOIN witness_actions USING (number)
    GROUP BY ALL
)
SELECT
    whole.item_id, whole.witness, number, whole.is_shown AS present, CASE WHEN whole.is_shown THEN whole.side ELSE '' END AS side
FROM whole_states AS whole
JOIN witness_actions USING (number)
LEFT JOIN told_units AS beside
    ON beside.item_id = whole.item_id AND beside.witness = whole.witness AND beside.unit = not_beside
WHERE whole.is_shown IS NOT NULL AND NOT (whole.is_shown AND (only_absent OR coalesce(beside.is_shown, false)));

-- How surely a description says an action: 3 asserted, 2 hedged, 1 negated.
CREATE TABLE said_actions AS
SELECT
    description, number, max(CASE WHEN negated THEN 1 WHEN hedged THEN 2 ELSE 3 END) AS surety,
    CASE
        WHEN bool_and(side = 'left') FILTER (NOT negated) THEN 'left'
        WHEN bool_and(side = 'right') FILTER (NOT negated) THEN 'right' ELSE ''
    END AS side
FROM mentions
JOIN witness_actions USING (action)
JOIN (SELECT description, item_id, model, repeat FROM descriptions) AS descriptions USING (item_id, model, repeat)
WHERE kind = 'action' AND target <> 'scene'
GROUP BY ALL;

CREATE TABLE witnessed AS
WITH mentioned AS (
    SELECT
        descriptions.description, witness, told.number, any_value(present) AS present, any_value(told.side) AS side,
        coalesce(max(surety), 0) AS surety, coalesce(arg_max(said.side, surety), '') AS said_side
    FROM told_actions AS told
    JOIN (SELECT description, item_id FROM descriptions) AS descriptions USING (item_id)
    JOIN mention_names ON mention_names.number = told.number AND (NOT only_one_sided OR told.side <> '')
    LEFT JOIN said_actions AS said
        ON said.description = descriptions.description AND said.number = mention_names.said
    GROUP BY ALL
)
SELECT
    *, CASE surety WHEN 3 THEN 'asserted' WHEN 2 THEN 'hedged' WHEN 1 THEN 'negated' ELSE 'no' END AS mentioned,
    CASE
        WHEN present THEN CASE WHEN surety > 1 THEN 'hit' WHEN surety = 1 THEN 'denied' ELSE 'omitted' END
        WHEN surety > 1 THEN 'hallucinated' ELSE 'correct_rejection'
    END AS outcome
FROM mentioned;

-- Why a description does not support gold, by what the witness sees of the actions that speak for gold (speaking_actions:
-- number, category): the first of these that holds. None where the witness can tell no such action.
CREATE TABLE causes AS
WITH seen AS (
    SELECT
        description, witness,
        count(*) FILTER (category IS NOT NULL) > 0 AS is_told,
        count(*) FILTER (category IS NOT NULL AND present) > 0 AS is_shown,
        count(*) FILTER (category IS NOT NULL AND outcome = 'hit') > 0 AS is_said,
        count(*) FILTER (outcome = 'hallucinated') > 0 AS is_invented
    FROM witnessed
    JOIN (SELECT description, gold FROM descriptions WHERE gold IS NOT NULL) AS golds USING (description)
    LEFT JOIN speaking_actions ON speaking_actions.number = witnessed.number AND category = gold
    GROUP BY ALL
)
SELECT description, witness, CASE
    WHEN NOT is_shown THEN 'not_shown'
    WHEN is_said THEN 'seen_otherwise'
    WHEN is_invented THEN 'invented'
    ELSE 'not_seen'
END AS cause
FROM seen
WHERE is_told;
