-- What was found in descriptions that are the same, and how often on one side only; the most changed first.
SELECT
    kind, name, mode(category_a ORDER BY category_a) AS category_a, mode(category_b ORDER BY category_b) AS category_b,
    count(said_a) AS n_a, count(said_b) AS n_b,
    count(*) FILTER (said_b IS NULL) AS n_vanished,
    count(*) FILTER (said_a IS NULL) AS n_appeared,
    count(*) FILTER (said_a <> said_b) AS n_changed
FROM read_mentions
GROUP BY kind, name
HAVING n_vanished + n_appeared + n_changed > 0
ORDER BY n_vanished + n_appeared + n_changed DESC, kind, name
