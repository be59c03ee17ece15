-- Plain shares by model and gold: what counts below, what counts above, by the unit that is resampled. n are weights; in
-- shares of descriptions each has that of an item.

-- A key names a row of a table within one model and gold.
CREATE MACRO share_key(a, b, c) AS concat_ws(chr(31), a, b, c);

CREATE TABLE share_bases AS
SELECT 'descriptions' AS base, model, gold, unit, whole() * count(*) AS n FROM descriptions GROUP BY ALL
UNION ALL
SELECT 'scored_' || support, model, gold, unit, sum(weight)::BIGINT FROM verdicts WHERE verdict <> 'unscored' GROUP BY ALL
UNION ALL
SELECT 'usable', model, gold, unit, sum(weight)::BIGINT FROM claims GROUP BY ALL;

CREATE TABLE share_keys AS
SELECT DISTINCT 'actions' AS family, 'descriptions' AS base, share_key(action, region, aus) AS key FROM action_counts
UNION ALL
SELECT DISTINCT 'regions', 'descriptions', region FROM region_counts
UNION ALL
SELECT 'categories', 'descriptions', emotion FROM (SELECT emotion FROM emotions UNION ALL SELECT 'Other')
UNION ALL
SELECT 'verdicts_' || support, 'scored_' || support, verdict
FROM (VALUES ('strict'), ('lenient')) AS rules (support),
    (SELECT unnest(getvariable('verdicts')) AS verdict) AS verdicts
WHERE verdict <> 'unscored'
UNION ALL
SELECT 'details_' || support, 'scored_' || support, share_key(verdict, detail, '')
FROM (VALUES ('strict'), ('lenient')) AS rules (support), scored_kinds
UNION ALL
SELECT 'support', 'usable', share_key(evidence, support, '') FROM support_rules;

-- One family after the other, for memory.
CREATE TABLE share_hits (family VARCHAR, model VARCHAR, gold VARCHAR, unit BIGINT, key VARCHAR, n BIGINT);

INSERT INTO share_hits
SELECT 'actions', model, gold, unit, share_key(action, region, aus), whole() * n
FROM (SELECT model, gold, unit, key, count(*) AS n FROM said WHERE kind = 'action' AND mentions > 0 GROUP BY ALL)
JOIN said_keys USING (key);

INSERT INTO share_hits
SELECT 'regions', model, gold, unit, region, whole() * count(*) FROM said_regions WHERE mentions > 0 GROUP BY ALL;

INSERT INTO share_hits
SELECT 'categories', model, gold, unit, category, whole() * count(*) FROM said_categories GROUP BY ALL;

INSERT INTO share_hits
SELECT 'verdicts_' || support, model, gold, unit, verdict, sum(weight)
FROM verdicts
WHERE verdict <> 'unscored'
GROUP BY ALL;

INSERT INTO share_hits
SELECT 'details_' || support, model, gold, unit, share_key(verdict, detail, ''), sum(weight)
FROM verdicts
WHERE verdict <> 'unscored'
GROUP BY ALL;

INSERT INTO share_hits
SELECT 'support', model, gold, unit, share_key(evidence, support, ''), sum(weight)
FROM claims JOIN emotions ON emotion = gold CROSS JOIN support_rules
WHERE has_claim(claimed, rule, position)
GROUP BY ALL;

-- The interval of each share; gold is 'all' or a category.
CREATE TABLE share_intervals (
    family VARCHAR, model VARCHAR, gold VARCHAR, key VARCHAR,
    share_low DOUBLE, share_high DOUBLE, interval VARCHAR, n_groups BIGINT
);
CREATE MACRO intervals_of(name) AS TABLE SELECT * EXCLUDE (family) FROM share_intervals WHERE family = name;
