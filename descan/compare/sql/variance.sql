-- Items of each model and mode by unit and prompt: answers with a category, and how many of them are right. Answers
-- that name no prompt count as those of one without a name; where a mode has more than $max_prompts, all count as one.
-- Units are drawn by a hash until there are $max_items items.
WITH told AS (
    SELECT item_id, model, mode, repeat, coalesce(prompt, '') AS prompt FROM answers
), prompts AS (
    SELECT
        model, mode, prompt, row_number() OVER (PARTITION BY model, mode ORDER BY prompt) - 1 AS nth,
        count(*) OVER (PARTITION BY model, mode) AS n_prompts
    FROM (SELECT DISTINCT model, mode, prompt FROM told)
), drawn AS (
    SELECT unit FROM (
        SELECT unit, sum(count(DISTINCT item_id)) OVER (ORDER BY hash(unit), unit) AS n_up_to FROM trials GROUP BY unit
    )
    WHERE n_up_to <= $max_items
)
SELECT model, mode, unit, dense_rank() OVER (ORDER BY item_id) AS item, place, n, n_right
FROM (
    SELECT
        model, mode, unit, item_id, CASE WHEN n_prompts > $max_prompts THEN 0 ELSE nth END AS place, count(*) AS n,
        sum(is_right)::BIGINT AS n_right
    FROM trials JOIN told USING (item_id, model, mode, repeat) JOIN prompts USING (model, mode, prompt)
    SEMI JOIN drawn USING (unit)
    WHERE is_right IS NOT NULL
    GROUP BY ALL
)
ORDER BY model, mode, unit, item, place
