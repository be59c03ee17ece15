-- What models decided when they were asked, beside what their descriptions say. There before it: the tables decided and
-- decided_actions (number, action, region, key, is_first). Repeats of a decision count by their mean.

CREATE TABLE decided_means AS
SELECT item_id, model, number, avg(probability) AS probability
FROM decided JOIN decided_actions ON decided_actions.action = name
WHERE kind = 'action'
GROUP BY ALL;

-- How surely a description says an action, or one with the same units: 2 said, 1 denied.
CREATE TABLE said_keys_of_decided AS
SELECT description, key, max(CASE WHEN negated THEN 1 ELSE 2 END) AS surety
FROM mentions
JOIN decided_actions USING (action)
JOIN (SELECT description, item_id, model, repeat FROM descriptions) AS descriptions USING (item_id, model, repeat)
WHERE kind = 'action' AND target <> 'scene'
GROUP BY ALL;

CREATE TABLE said_or_seen AS
SELECT
    descriptions.model, unit, number, decided_actions.region, decided_actions.action, is_first, probability,
    (probability >= getvariable('seen_probability') - 1e-9)::INTEGER * 3 + coalesce(surety, 0) AS cell,
    weigh(n_repeats) AS n
FROM decided_means
JOIN decided_actions USING (number)
JOIN (SELECT description, item_id, model, unit, n_repeats FROM descriptions) AS descriptions USING (item_id, model)
LEFT JOIN said_keys_of_decided AS said
    ON said.description = descriptions.description AND said.key = decided_actions.key;

-- Normalized: a model that states probabilities need not make them add up to 1.
CREATE TABLE decided_emotions AS
WITH means AS (
    SELECT item_id, model, name, avg(probability) AS probability
    FROM decided
    WHERE kind = 'emotion'
    GROUP BY ALL
)
SELECT
    asked_items.model, asked_items.item_id, unit, place(gold) - 1 AS gold,
    list(coalesce(probability, 0) ORDER BY position) AS probabilities
FROM (SELECT DISTINCT item_id, model FROM means) AS asked_items
CROSS JOIN emotions
JOIN (SELECT item_id, gold FROM items WHERE gold IS NOT NULL) AS golds USING (item_id)
JOIN units USING (item_id)
LEFT JOIN means AS given ON given.item_id = asked_items.item_id AND given.model = asked_items.model AND given.name = emotion
GROUP BY ALL
HAVING sum(coalesce(probability, 0)) > 0;
