-- Seconds of good answers, from the last request to its reply; what was asked again, and the wait for it, apart.
SELECT
    model, mode, count(*) AS n_answers,
    count(latency_s) FILTER (status = 'ok') AS n,
    median(latency_s) FILTER (status = 'ok') AS median_s,
    quantile_cont(latency_s, 0.9) FILTER (status = 'ok') AS p90_s,
    count(retries) AS n_retries_known, count(*) FILTER (retries > 0) AS n_retried, sum(retries)::BIGINT AS retries,
    median(waited_s) FILTER (waited_s > 0) AS waited_median_s, sum(waited_s::DECIMAL(28, 6))::DOUBLE AS waited_s_total
FROM answers
GROUP BY model, mode
ORDER BY model, mode <> 'describe', mode
