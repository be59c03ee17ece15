-- Counts that several tables share.

-- The denominators: read, unrefused descriptions.
CREATE TABLE described_models AS
SELECT model, count(*) AS n_descriptions FROM descriptions GROUP BY model;

CREATE TABLE described_golds AS
SELECT model, gold, count(*) AS n_descriptions FROM descriptions WHERE gold IS NOT NULL GROUP BY model, gold;

-- What can be said: numbers stand for it while it is counted.
CREATE TABLE said_keys AS
SELECT row_number() OVER (ORDER BY kind, region, action, aus, category, term) AS key, *
FROM (SELECT DISTINCT kind, region, action, aus, category, term FROM mentions);

-- What each description says. A mention is asserted of the person, or negated, or it is of the scene.
CREATE TABLE said_counts AS
SELECT
    description, key,
    count(*) FILTER (target <> 'scene' AND NOT negated) AS mentions,
    count(*) FILTER (target <> 'scene' AND negated) AS negated,
    count(*) FILTER (target <> 'scene' AND NOT mentions.negated AND hedged) AS hedged,
    count(*) FILTER (target = 'scene') AS scene
FROM mentions
JOIN said_keys
    ON mentions.kind = said_keys.kind AND mentions.region = said_keys.region AND mentions.action = said_keys.action
    AND mentions.aus = said_keys.aus AND mentions.category = said_keys.category AND mentions.term = said_keys.term
JOIN (SELECT description, item_id, model, repeat FROM descriptions) AS descriptions USING (item_id, model, repeat)
GROUP BY description, key;

-- Of whom and what each description is.
CREATE VIEW described_units AS SELECT description, model, gold, unit FROM descriptions;

CREATE VIEW said AS
SELECT * FROM said_counts JOIN said_keys USING (key) JOIN described_units USING (description);

CREATE TABLE action_counts AS
SELECT
    model, gold, action, region, aus,
    sum(mentions) AS mentions, sum(negated) AS negated, sum(hedged) AS hedged, sum(scene) AS scene,
    count(*) FILTER (mentions > 0) AS descriptions
FROM said
WHERE kind = 'action'
GROUP BY ALL;

CREATE TABLE said_region_counts AS
SELECT
    description, region,
    sum(mentions)::BIGINT AS mentions, sum(negated)::BIGINT AS negated, sum(hedged)::BIGINT AS hedged,
    sum(scene)::BIGINT AS scene
FROM said_counts JOIN said_keys USING (key)
WHERE kind = 'action'
GROUP BY ALL;

CREATE VIEW said_regions AS
SELECT * FROM said_region_counts JOIN described_units USING (description);

CREATE TABLE region_counts AS
SELECT
    model, gold, region,
    sum(mentions) AS mentions, sum(negated) AS negated, sum(hedged) AS hedged, sum(scene) AS scene,
    count(*) FILTER (mentions > 0) AS descriptions
FROM said_regions
GROUP BY ALL;

-- Asserted of the person only.
CREATE TABLE said_category_counts AS
SELECT description, category, sum(mentions)::BIGINT AS mentions
FROM said_counts JOIN said_keys USING (key)
WHERE kind = 'emotion' AND mentions > 0
GROUP BY ALL;

CREATE VIEW said_categories AS
SELECT * FROM said_category_counts JOIN described_units USING (description);

-- Gold against what was predicted, a category or the reason for none; items without gold are left out.
CREATE TABLE predictions AS
SELECT item_id, model, mode, gold, unit, predicted, weigh(n_repeats) AS weight
FROM (
    SELECT item_id, model, 'describe' AS mode, coalesce(described, reason) AS predicted, n_repeats FROM described
    UNION ALL
    SELECT item_id, model, mode, coalesce(label, reason), n_repeats FROM labelled
)
JOIN items USING (item_id) JOIN units USING (item_id)
WHERE gold IS NOT NULL;

CREATE TABLE cells AS
SELECT model, mode, gold, predicted, sum(weight) AS weight FROM predictions GROUP BY ALL;

CREATE TABLE verdict_counts AS
SELECT support, model, gold, verdict, detail, sum(weight) AS weight FROM verdicts GROUP BY ALL;

-- The verdicts of scored pairs with their details, in the order of every table.
CREATE TABLE scored_kinds AS
SELECT * FROM (VALUES
    (1, 'right', ''), (2, 'lucky', ''),
    (3, 'labeling_failure', 'fell_back_to_neutral'), (4, 'labeling_failure', 'other_label'),
    (5, 'seeing_failure', 'near_miss'), (6, 'seeing_failure', 'wrong_valence'), (7, 'seeing_failure', 'no_evidence')
) AS kinds (position, verdict, detail)
WHERE detail <> 'fell_back_to_neutral' OR getvariable('neutral') IS NOT NULL;
