-- What descriptions say of the actions that witnesses tell of, in told_actions.

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

-- The same under every name of an action; with `_sided` also under the names that it has on one side alone.
CREATE TABLE said_names AS
SELECT
    description, mention_names.number,
    max(surety) FILTER (NOT only_one_sided) AS surety, max(surety) AS surety_sided,
    arg_max(side, (surety, side)) FILTER (NOT only_one_sided) AS side, arg_max(side, (surety, side)) AS side_sided
FROM said_actions JOIN mention_names ON said = said_actions.number
GROUP BY ALL;

-- Only joins, and no sum over it: with many descriptions this is the largest table.
CREATE TABLE witnessed AS
WITH mentioned AS (
    SELECT
        descriptions.description, witness, told.number, present, told.side,
        coalesce(CASE WHEN told.side <> '' THEN surety_sided ELSE surety END, 0)::TINYINT AS surety,
        coalesce(CASE WHEN told.side <> '' THEN side_sided ELSE said.side END, '') AS said_side
    FROM told_actions AS told
    JOIN (SELECT description, item_id FROM descriptions) AS descriptions USING (item_id)
    LEFT JOIN said_names AS said ON said.description = descriptions.description AND said.number = told.number
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
