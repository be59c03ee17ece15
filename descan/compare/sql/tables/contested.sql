-- With up to eight words of each kind from every agreeing model, asserted of the person, those of the category first,
-- and what stands around the first of them.
WITH witnesses AS (
    SELECT item_id, agreed, unnest(models) AS model FROM contested
), said_of_person AS (
    SELECT item_id, model, repeat, kind, lower(text) AS word, start, category = agreed AS is_of_agreed
    FROM mentions JOIN witnesses USING (item_id, model)
    WHERE NOT negated AND target <> 'scene'
), words AS (
    SELECT item_id, model, kind, word, bool_or(is_of_agreed) AS is_of_agreed, min((repeat, start)) AS first_place
    FROM said_of_person
    GROUP BY ALL
), by_model AS (
    SELECT item_id, model, kind, model || ': ' || string_agg(word, ', ' ORDER BY nth) AS words
    FROM (
        SELECT *, row_number() OVER (
            PARTITION BY item_id, model, kind ORDER BY is_of_agreed DESC, first_place, word
        ) AS nth
        FROM words
    )
    WHERE nth <= 8
    GROUP BY item_id, model, kind
), by_item AS (
    SELECT
        item_id,
        string_agg(words, '; ' ORDER BY model) FILTER (kind = 'emotion') AS terms,
        string_agg(words, '; ' ORDER BY model) FILTER (kind = 'action') AS actions
    FROM by_model
    GROUP BY item_id
), spots AS (
    SELECT item_id, model, repeat, start
    FROM said_of_person
    QUALIFY row_number() OVER (PARTITION BY item_id, model ORDER BY is_of_agreed DESC, repeat, start) = 1
), excerpts AS (
    SELECT item_id, string_agg(
        model || ': ' || CASE WHEN start > 60 THEN '…' ELSE '' END
        || trim(regexp_replace(text[greatest(start - 59, 1):start + 100], '\s+', ' ', 'g'))
        || CASE WHEN length(text) > start + 100 THEN '…' ELSE '' END,
        ' | ' ORDER BY model
    ) AS excerpts
    FROM answers JOIN spots USING (item_id, model, repeat)
    WHERE mode = 'describe'
    GROUP BY item_id
)
SELECT
    row_number() OVER (ORDER BY n_agreeing DESC, strength DESC, item_id) AS rank,
    item_id, contested.gold, agreed, contested_by, n_agreeing, n_models, strength, gold_share, agreed_share,
    array_to_string(models, '; ') AS models, terms, actions, excerpts, media
FROM contested
LEFT JOIN by_item USING (item_id)
LEFT JOIN excerpts USING (item_id)
LEFT JOIN items USING (item_id)
ORDER BY rank
