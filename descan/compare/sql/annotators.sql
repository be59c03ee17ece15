-- What annotators chose. Votes are numbers of annotators where all are whole and some item has several, else shares.
CREATE TABLE annotations AS
SELECT
    item_id, gold, unit, vote.key AS category, vote.value AS votes,
    sum(vote.value::DECIMAL(28, 12)) OVER (PARTITION BY item_id)::DOUBLE AS n
FROM (SELECT item_id, gold, unnest(map_entries(gold_distribution)) AS vote FROM items) JOIN units USING (item_id);

-- Of each item: the probability that two of its annotators agree (agreement), and that one agrees with what most of the
-- others chose, a tie of these being broken at random (agreement_majority). NULL where there is only one annotator.
CREATE TABLE annotated AS
WITH kind AS (
    SELECT coalesce(bool_and(votes = floor(votes)) AND max(n) > 1, false) AS is_counted FROM annotations
), chosen AS (
    SELECT
        item_id, any_value(gold) AS gold, any_value(unit) AS unit, any_value(n) AS n,
        coalesce(max(votes) FILTER (category = gold), 0) AS n_gold, list(votes ORDER BY place(category)) AS chosen
    FROM annotations
    GROUP BY item_id
), rivals AS (
    SELECT item_id, votes, coalesce(list_max(others), 0) AS most, len(list_filter(others, lambda v: v = most)) AS n_most
    FROM (
        SELECT item_id, votes, list_filter(chosen, lambda v, place: place <> nth) AS others
        FROM (SELECT item_id, chosen, unnest(chosen) AS votes, generate_subscripts(chosen, 1) AS nth FROM chosen)
    )
), agreeing AS (
    SELECT
        item_id,
        sum(CASE
            WHEN NOT is_counted THEN CASE WHEN votes > most THEN votes WHEN votes = most THEN votes / (n_most + 1) ELSE 0 END
            WHEN votes - 1 > most THEN votes
            WHEN votes - 1 = most THEN votes / (n_most + 1)
            ELSE 0
        END::DECIMAL(28, 12))::DOUBLE AS majority,
        sum((votes * CASE WHEN is_counted THEN votes - 1 ELSE votes END)::DECIMAL(28, 12))::DOUBLE AS pairs
    FROM rivals CROSS JOIN kind
    GROUP BY item_id
)
SELECT
    item_id, gold, unit, is_counted, n,
    CASE WHEN NOT is_counted OR n > 1 THEN pairs / (n * CASE WHEN is_counted THEN n - 1 ELSE n END) END AS agreement,
    CASE WHEN NOT is_counted OR n > 1 THEN majority / n END AS agreement_majority,
    list_max(chosen) / n AS best,
    CASE WHEN gold IS NOT NULL THEN n_gold / n END AS gold_share
FROM chosen JOIN agreeing USING (item_id) CROSS JOIN kind;
