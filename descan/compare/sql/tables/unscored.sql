-- Why pairs have no verdict, with some of them: the reason, and whether gold, the description or the label is the cause.
-- Both support rules leave out the same pairs.
WITH lost AS (
    SELECT
        pair, item_id, model, weight,
        unscored_side(gold, getvariable('label_mode'), description_reason) AS side,
        unscored_reason(gold, getvariable('label_mode'), description_reason, label_reason) AS reason
    FROM pairs
), numbered AS (
    SELECT *, row_number() OVER (PARTITION BY model, side, reason ORDER BY pair) AS place
    FROM (
        SELECT model, side, reason, item_id, min(pair) AS pair, sum(weight) AS weight
        FROM lost
        WHERE reason IS NOT NULL
        GROUP BY ALL
    )
), counted AS (
    SELECT
        model, side, reason, sum(weight) AS weight, string_agg(item_id, '; ' ORDER BY pair) FILTER (place <= 3) AS examples,
        min(item_id) FILTER (place = 1) AS item_id
    FROM numbered
    GROUP BY ALL
), texts AS (
    SELECT counted.model, side, reason, trim(regexp_replace(arg_min(text, repeat), '\s+', ' ', 'g')) AS text
    FROM counted JOIN answers ON
        answers.item_id = counted.item_id AND answers.model = counted.model
        AND mode = CASE side WHEN 'description' THEN 'describe' WHEN 'label' THEN getvariable('label_mode') END
    GROUP BY ALL
)
SELECT
    model, side, reason, in_items(weight) AS n, in_items(of_all) AS n_items, weight / of_all AS share, examples,
    CASE WHEN length(text) > 120 THEN left(text, 120) || '…' ELSE coalesce(text, '') END AS excerpt
FROM counted
JOIN (SELECT model, sum(weight) AS of_all FROM pairs GROUP BY model) AS totals USING (model)
LEFT JOIN texts USING (model, side, reason)
ORDER BY model, weight DESC, side, reason
