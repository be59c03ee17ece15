-- The cases of a page, in the order in which they are taken until there are enough bytes of them.
-- All cells draw in the same order, so that they share cases, and the first k of every cell are the first k drawn.

CREATE TABLE cases AS
WITH cells AS (
    SELECT place, 'label' AS kind, model, gold, label AS value FROM pairs
    UNION ALL
    SELECT place, 'described', model, gold, described FROM pairs
    UNION ALL
    SELECT place, 'verdict', model, gold, concat_ws(' ', verdict, detail) FROM pairs
    UNION ALL
    SELECT DISTINCT place, 'action', model, '', action FROM asserted WHERE kind = 'action'
), ranked AS (
    SELECT place, row_number() OVER (PARTITION BY kind, model, gold, value ORDER BY draw, place) AS rank
    FROM cells JOIN (SELECT place, draw FROM pairs) AS draws USING (place)
), firsts AS (
    SELECT place, min(rank) AS rank FROM ranked GROUP BY place
)
SELECT row_number() OVER (ORDER BY rank, draw, place) AS number, rank, pairs.*
FROM firsts JOIN pairs USING (place)
WHERE rank <= getvariable('cases_per_cell')
ORDER BY number;

CREATE TABLE case_texts AS
SELECT number, substr(text, 1, getvariable('max_characters')) AS text, length(text) AS n_characters, language
FROM cases JOIN answers USING (item_id, model, repeat)
WHERE mode = 'describe'
ORDER BY number;

-- What witnesses tell of the face beside what the text that is shown says, of actions with the same units once.
CREATE TABLE case_outcomes AS
SELECT number, item_id, model, repeat, witness, action, aus, present, mentioned, outcome, witnessed.file_row AS place
FROM cases JOIN witnessed USING (item_id, model, repeat);

CREATE TABLE case_mentions AS
WITH told AS (
    SELECT item_id, model, repeat, action, list([witness, present::INTEGER::VARCHAR] ORDER BY place) AS witnesses
    FROM case_outcomes
    GROUP BY ALL
)
SELECT
    number, start, "end", kind, coalesce(nullif(action, ''), term) AS name, category,
    negated, hedged, target, is_conclusion, entry, negation_cue, hedge_cue, degree, side, aus, region,
    CASE WHEN target <> 'scene' THEN witnesses END AS witnesses
FROM cases JOIN mentions USING (item_id, model, repeat)
LEFT JOIN told USING (item_id, model, repeat, action)
WHERE "end" <= getvariable('max_characters')
ORDER BY number, start, "end", kind, mentions.part, mentions.file_row;

CREATE TABLE case_witnessed AS
WITH of_units AS (
    SELECT
        case_outcomes.number, witness, aus, min(place) AS place,
        CASE WHEN outcome = 'correct_rejection' AND mentioned = 'negated' THEN 'rightly_denied' ELSE outcome END AS told,
        list(action ORDER BY said.name IS NULL, place) AS actions
    FROM case_outcomes
    LEFT JOIN (SELECT DISTINCT number, name FROM case_mentions WHERE kind = 'action') AS said
        ON said.number = case_outcomes.number AND name = action
    GROUP BY ALL
)
SELECT number, witness, told, aus, actions, place FROM of_units ORDER BY number, place;
