-- What the two maps show. An emotion is the term that it was read as, an action the words themselves.

CREATE TABLE spoken AS
SELECT
    place, model, kind,
    left(CASE kind WHEN 'action' THEN trim(regexp_replace(lower(text), '\s+', ' ', 'g')) ELSE term END, 200) AS term,
    action, category
FROM asserted;

-- The phrases that are said most; only these have vectors.
CREATE TABLE phrases AS
SELECT row_number() OVER (ORDER BY n DESC, kind, term) - 1 AS phrase, kind, term, action, category
FROM (
    SELECT kind, term, mode(action ORDER BY action) AS action, mode(category ORDER BY category) AS category, count(*) AS n
    FROM spoken
    WHERE term <> ''
    GROUP BY kind, term
)
ORDER BY phrase
LIMIT getvariable('max_phrases');

CREATE TABLE said AS
SELECT place, model, phrase, count(*) AS n FROM spoken JOIN phrases USING (kind, term) GROUP BY ALL;

CREATE TABLE term_points AS
SELECT phrase, model, sum(n)::INTEGER AS n
FROM said
GROUP BY ALL
ORDER BY n DESC, phrase, model
LIMIT getvariable('max_points');

-- As many of each stratum as its share of all.
CREATE TABLE description_points AS
WITH drawn AS (
    SELECT place, (row_number() OVER stratum - 0.5) / count(*) OVER (PARTITION BY model, gold, described) AS quantile, draw
    FROM pairs SEMI JOIN said USING (place)
    WINDOW stratum AS (PARTITION BY model, gold, described ORDER BY draw, place)
), taken AS (
    SELECT place FROM drawn ORDER BY quantile, draw, place LIMIT getvariable('max_points')
)
SELECT row_number() OVER (ORDER BY place) - 1 AS point, place FROM taken ORDER BY point;
