-- The mean score in each bin of strata/calibration.sql, of a category or all.
SELECT
    model, coalesce(emotion, 'all'), len(list_filter($ends::DOUBLE[], lambda upper: upper < score - 1e-9)) AS bin,
    sum((score::DECIMAL(18, 12) * 1000000000000)::HUGEINT * weight) / sum(weight) / 1000000000000
FROM (SELECT model, emotion, scores[position] AS score, weight FROM pairs CROSS JOIN emotions
    WHERE gold IS NOT NULL AND described IS NOT NULL)
GROUP BY GROUPING SETS ((model, emotion, bin), (model, bin))
