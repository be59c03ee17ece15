-- What answers of any status cost, where it is known; an answer that was copied cost nothing and does not count.
SELECT
    model, mode, count(*) AS n_answers,
    count(*) FILTER (cost_usd > 0) AS n,
    1000 * median(cost_usd) FILTER (cost_usd > 0) AS usd_per_1000_median,
    1000 * quantile_cont(cost_usd, 0.9) FILTER (cost_usd > 0) AS usd_per_1000_p90,
    1000 * sum(cost_usd::DECIMAL(28, 12))::DOUBLE / nullif(count(*) FILTER (cost_usd > 0), 0) AS usd_per_1000_mean,
    sum(cost_usd::DECIMAL(28, 12))::DOUBLE AS usd_total,
    count(input_tokens) AS n_input_tokens, median(input_tokens) AS input_tokens_median,
    quantile_cont(input_tokens, 0.9) AS input_tokens_p90,
    count(output_tokens) AS n_output_tokens, median(output_tokens) AS output_tokens_median,
    quantile_cont(output_tokens, 0.9) AS output_tokens_p90,
    count(thinking_tokens) AS n_thinking_tokens, median(thinking_tokens) AS thinking_tokens_median,
    quantile_cont(thinking_tokens, 0.9) AS thinking_tokens_p90
FROM answers
GROUP BY model, mode
ORDER BY model, mode <> 'describe', mode
