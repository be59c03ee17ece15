SELECT
    model, count(*) AS n_descriptions,
    avg(n_words) AS n_words_mean, median(n_words) AS n_words_median,
    avg(n_actions) AS n_actions_mean, median(n_actions) AS n_actions_median,
    avg(n_regions) AS n_regions_mean, median(n_regions) AS n_regions_median,
    avg(n_emotions) AS n_emotions_mean, median(n_emotions) AS n_emotions_median,
    avg(n_hedged) AS n_hedged_mean, median(n_hedged) AS n_hedged_median,
    count(*) FILTER (has_named) AS n_named, count(*) FILTER (has_named) / count(*) AS share_named
FROM descriptions
GROUP BY model
ORDER BY model
