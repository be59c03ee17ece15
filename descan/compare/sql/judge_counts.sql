-- What each judge replied to the descriptions of each model, and of all (no model).
WITH judged AS (
    SELECT * FROM given_readings WHERE kind = 'judge'
    UNION ALL
    SELECT * REPLACE ('' AS model) FROM given_readings WHERE kind = 'judge'
)
SELECT
    reader, model, count(*) AS n, count(*) FILTER (status = 'read' AND described = 'Undecided') AS n_undecided,
    count(*) FILTER (status IN ('refusal', 'cannot tell')) AS n_refusal,
    count(*) FILTER (status = 'unparsed') AS n_unparsed, sum(cost_usd) AS cost_usd, avg(latency_s) AS latency_s
FROM judged
GROUP BY reader, model
ORDER BY reader, model
