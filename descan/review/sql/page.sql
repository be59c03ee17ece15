-- The cases of one page: those of the table `page` (number, place), as report/cases.sql has them, without witnesses.

CREATE OR REPLACE TABLE cases AS
SELECT number, 1 AS rank, pairs.* FROM page JOIN pairs USING (place);

CREATE OR REPLACE TABLE case_texts AS
SELECT number, substr(text, 1, getvariable('max_characters')) AS text, length(text) AS n_characters, language
FROM page JOIN texts USING (place)
WHERE text IS NOT NULL;

CREATE OR REPLACE TABLE case_mentions AS
SELECT
    number, start, "end", kind, name, category,
    negated, hedged, target, is_conclusion, entry, negation_cue, hedge_cue, degree, side, aus, region, NULL::VARCHAR[][] AS witnesses
FROM page JOIN marks USING (place)
WHERE "end" <= getvariable('max_characters')
ORDER BY number, start, "end", kind, part, file_row;

CREATE OR REPLACE TABLE case_witnessed (
    number BIGINT, witness VARCHAR, told VARCHAR, aus VARCHAR, actions VARCHAR[], place BIGINT
);
