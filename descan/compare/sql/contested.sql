-- Items for which enough models, in description and label alike, agree on another category than gold.
-- Strength is the mean score of that category over them; where two categories have enough models the stronger counts.
CREATE TABLE contested AS
WITH judged AS (
    SELECT pairs.*
    FROM pairs SEMI JOIN (FROM verdicts WHERE support = 'strict' AND unscored IS NULL) AS scored USING (pair)
), n_judging AS (
    SELECT item_id, count(*) AS n_models FROM judged GROUP BY item_id
), agreed AS (
    SELECT
        item_id, gold, label AS agreed, count(*) AS n_agreeing,
        avg(scores[place(label)]::DECIMAL(18, 12)) AS strength, list(model ORDER BY model) AS models
    FROM judged
    WHERE label <> gold AND described = label
    GROUP BY ALL
)
SELECT *
FROM agreed JOIN n_judging USING (item_id)
WHERE n_agreeing >= coalesce(getvariable('contested_models'), greatest(2, n_models // 2 + 1))
QUALIFY row_number() OVER (PARTITION BY item_id ORDER BY n_agreeing DESC, strength DESC, place(agreed)) = 1;
