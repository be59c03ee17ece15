-- What pages of cases are made of, once for all pages: the texts, what they mention, and what can be filtered by.

-- Names in any case, with spaces or underscores.
CREATE MACRO spell(name) AS lower(replace(trim(name), ' ', '_'));

CREATE TABLE texts AS
SELECT place, text, language, lower(concat_ws(chr(10), item_id, text)) AS words
FROM pairs LEFT JOIN (FROM answers WHERE mode = 'describe') AS answers USING (item_id, model, repeat)
ORDER BY place;

CREATE TABLE marks AS
SELECT
    place, start, "end", kind, coalesce(nullif(action, ''), term) AS name, category,
    negated, hedged, target, is_conclusion, entry, negation_cue, hedge_cue, degree, side, aus, region,
    mentions.part, mentions.file_row
FROM mentions JOIN pairs USING (item_id, model, repeat)
ORDER BY place;
