-- Items whose gold is contested: by models, where enough of them agree on another category in description and label
-- alike (in most pairs of the repeats of both); by annotators, where no more than half of several chose gold.
-- Strength is the mean score of that category over the models; where two categories have enough models the stronger
-- counts. Of items that annotators alone contest it is the category that most of them chose instead.
CREATE TABLE contested AS
WITH judged AS (
    SELECT pairs.*
    FROM pairs SEMI JOIN (FROM verdicts WHERE support = 'strict' AND unscored IS NULL) AS scored USING (pair)
), n_judging AS (
    SELECT item_id, count(DISTINCT model) AS n_models FROM judged GROUP BY item_id
), agreeing AS (
    SELECT item_id, gold, model, label AS agreed, avg(scores[place(label)]::DECIMAL(18, 12)) AS strength
    FROM judged
    WHERE label <> gold AND described = label
    GROUP BY ALL
    HAVING sum(weight) > whole() / 2
), agreed AS (
    SELECT
        item_id, gold, agreed, count(*) AS n_agreeing,
        avg(strength::DECIMAL(18, 12)) AS strength, list(model ORDER BY model) AS models
    FROM agreeing
    GROUP BY ALL
), by_models AS (
    SELECT item_id, gold, agreed
    FROM agreed JOIN n_judging USING (item_id)
    WHERE n_agreeing >= coalesce(getvariable('contested_models'), greatest(2, n_models // 2 + 1))
    QUALIFY row_number() OVER (PARTITION BY item_id ORDER BY n_agreeing DESC, strength DESC, place(agreed)) = 1
), by_annotators AS (
    SELECT item_id, gold, category AS agreed
    FROM annotations SEMI JOIN (FROM annotated WHERE gold_share <= 0.5 AND agreement IS NOT NULL) AS several USING (item_id)
    WHERE category <> gold
    QUALIFY row_number() OVER (PARTITION BY item_id ORDER BY votes DESC, place(category)) = 1
), found AS (
    SELECT
        item_id, gold, coalesce(by_models.agreed, by_annotators.agreed) AS agreed,
        CASE
            WHEN by_annotators.agreed IS NULL THEN 'models'
            WHEN by_models.agreed IS NULL THEN 'annotators'
            ELSE 'both'
        END AS contested_by
    FROM by_models FULL JOIN by_annotators USING (item_id, gold)
)
SELECT
    item_id, gold, agreed, contested_by, coalesce(n_agreeing, 0) AS n_agreeing, coalesce(n_models, 0) AS n_models,
    strength, coalesce(models, []) AS models, gold_share,
    CASE WHEN gold_share IS NOT NULL THEN coalesce(votes / annotated.n, 0) END AS agreed_share
FROM found
LEFT JOIN n_judging USING (item_id)
LEFT JOIN agreed USING (item_id, gold, agreed)
LEFT JOIN (SELECT item_id, gold_share, n FROM annotated) AS annotated USING (item_id)
LEFT JOIN (SELECT item_id, category AS agreed, votes FROM annotations) AS annotations USING (item_id, agreed);
