-- Counts that several tables share.

-- The denominators: read, unrefused descriptions.
CREATE TABLE described_models AS
SELECT model, count(*) AS n_descriptions FROM descriptions GROUP BY model;

CREATE TABLE described_golds AS
SELECT model, gold, count(*) AS n_descriptions FROM descriptions WHERE gold IS NOT NULL GROUP BY model, gold;

-- What each description says. A mention is asserted of the person, or negated, or it is of the scene.
CREATE TABLE said AS
SELECT
    description, descriptions.model, gold, kind, region, action, aus, category, term,
    count(*) FILTER (target <> 'scene' AND NOT negated) AS mentions,
    count(*) FILTER (target <> 'scene' AND negated) AS negated,
    count(*) FILTER (target <> 'scene' AND NOT mentions.negated AND hedged) AS hedged,
    count(*) FILTER (target = 'scene') AS scene
FROM mentions JOIN descriptions USING (item_id, model, repeat)
GROUP BY ALL;

CREATE TABLE action_counts AS
SELECT
    model, gold, action, region, aus,
    sum(mentions) AS mentions, sum(negated) AS negated, sum(hedged) AS hedged, sum(scene) AS scene,
    count(*) FILTER (mentions > 0) AS descriptions
FROM said
WHERE kind = 'action'
GROUP BY ALL;

CREATE TABLE region_counts AS
WITH regions AS (
    SELECT
        description, model, gold, region,
        sum(mentions) AS mentions, sum(negated) AS negated, sum(hedged) AS hedged, sum(scene) AS scene
    FROM said
    WHERE kind = 'action'
    GROUP BY ALL
)
SELECT
    model, gold, region,
    sum(mentions) AS mentions, sum(negated) AS negated, sum(hedged) AS hedged, sum(scene) AS scene,
    count(*) FILTER (mentions > 0) AS descriptions
FROM regions
GROUP BY ALL;

-- Gold against what was predicted, a category or the reason for none; items without gold are left out.
CREATE TABLE cells AS
WITH predictions AS (
    SELECT model, 'describe' AS mode, gold, coalesce(described, description_reason) AS predicted
    FROM pairs SEMI JOIN (FROM asked WHERE mode = 'describe') AS asked USING (item_id, model)
    UNION ALL
    SELECT model, mode, gold, coalesce(label, reason) AS predicted
    FROM labelled JOIN items USING (item_id)
)
SELECT model, mode, gold, predicted, count(*) AS n
FROM predictions
WHERE gold IS NOT NULL
GROUP BY ALL;

CREATE TABLE verdict_counts AS
SELECT support, model, gold, verdict, detail, count(*) AS n FROM verdicts GROUP BY ALL;
