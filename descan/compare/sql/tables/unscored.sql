-- Both support rules leave out the same pairs.
SELECT model, detail AS reason, count(*) AS n, n_items, count(*) / n_items AS share
FROM verdicts JOIN (SELECT model, count(*) AS n_items FROM pairs GROUP BY model) AS totals USING (model)
WHERE support = 'strict' AND verdict = 'unscored'
GROUP BY model, detail, n_items
ORDER BY model, count(*) DESC, detail
