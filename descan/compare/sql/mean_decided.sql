-- The mean probability of each action, region and all of a model, over the rows of said_or_seen.
WITH weighed AS (
    SELECT *, (probability::DECIMAL(18, 9) * n)::DECIMAL(38, 9) AS amount FROM said_or_seen
)
SELECT model, region, action, sum(amount)::DOUBLE / sum(n) FROM weighed GROUP BY ALL
UNION ALL SELECT model, region, 'all', sum(amount)::DOUBLE / sum(n) FROM weighed WHERE is_first GROUP BY ALL
UNION ALL SELECT model, 'all', 'all', sum(amount)::DOUBLE / sum(n) FROM weighed WHERE is_first GROUP BY ALL
