-- What each judge replied to the descriptions of each model, and of all (no model); and of every two of its readings of the
-- same description, how many there are and the share that are the same.
WITH counted AS (
    SELECT
        reader, model, count(*) AS n, count(*) FILTER (status = 'read' AND described = 'Undecided') AS n_undecided,
        count(*) FILTER (status IN ('refusal', 'cannot tell')) AS n_refusal,
        count(*) FILTER (status = 'unparsed') AS n_unparsed, sum(cost_usd) AS cost_usd, avg(latency_s) AS latency_s
    FROM given_readings
    WHERE kind = 'judge'
    GROUP BY GROUPING SETS ((reader), (reader, model))
), twice AS (
    SELECT a.reader, a.model, count(*) AS n_again, avg((a.described = b.described)::INTEGER) AS agreement_again
    FROM given_readings AS a
    JOIN given_readings AS b
        ON a.item_id = b.item_id AND a.model = b.model AND a.repeat = b.repeat AND a.reader = b.reader
        AND a.judge_repeat < b.judge_repeat
    WHERE a.kind = 'judge' AND b.kind = 'judge' AND a.status = 'read' AND b.status = 'read'
    GROUP BY GROUPING SETS ((a.reader), (a.reader, a.model))
)
SELECT
    counted.reader, coalesce(counted.model, '') AS model, n, n_undecided, n_refusal, n_unparsed, cost_usd, latency_s,
    coalesce(n_again, 0) AS n_again, agreement_again
FROM counted
LEFT JOIN twice ON twice.reader = counted.reader AND twice.model IS NOT DISTINCT FROM counted.model
ORDER BY counted.reader, model
