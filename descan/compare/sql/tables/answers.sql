-- Each n_ column says how many answers recorded what the columns after it summarize.
SELECT
    model, mode, count(*) AS n_answers, count(*) FILTER (status = 'ok') AS n_ok,
    count(latency_s) AS n_latency, median(latency_s) AS latency_median_s, quantile_cont(latency_s, 0.9) AS latency_p90_s,
    count(input_tokens) AS n_input_tokens, avg(input_tokens) AS input_tokens_mean,
    count(output_tokens) AS n_output_tokens, avg(output_tokens) AS output_tokens_mean,
    count(thinking_tokens) AS n_thinking_tokens, avg(thinking_tokens) AS thinking_tokens_mean,
    count(cost_usd) AS n_cost, sum(cost_usd::DECIMAL(28, 12))::DOUBLE AS cost_usd_total
FROM answers
GROUP BY model, mode
ORDER BY model, mode <> 'describe', mode
