-- What each item took of each model in a mode, the mean of its repeats; a measure where it is known and not 0.
WITH amounts AS (
    SELECT
        item_id, model, mode,
        CASE $measure
            WHEN 'latency_s' THEN CASE WHEN status = 'ok' THEN latency_s END
            WHEN 'usd_per_1000' THEN 1000 * cost_usd
            WHEN 'input_tokens' THEN input_tokens
            ELSE output_tokens + coalesce(thinking_tokens, 0)
        END AS amount
    FROM answers
)
SELECT
    mode, model, dense_rank() OVER (ORDER BY item_id) - 1 AS item, unit,
    (sum(amount::DECIMAL(28, 12)) / count(amount))::DOUBLE AS amount
FROM amounts JOIN units USING (item_id)
WHERE amount > 0
GROUP BY mode, model, item_id, unit
ORDER BY mode <> 'describe', mode, model, item
