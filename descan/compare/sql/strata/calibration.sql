-- Descriptions with gold, once for each category.
-- Cells: by category, 2 * (bin of its score, by the upper $ends) + (gold is the category).
SELECT
    model, unit,
    2 * (len($ends) * (position - 1) + len(list_filter($ends::DOUBLE[], lambda upper: upper < score - 1e-9)))
    + (gold = emotion)::INTEGER AS cell,
    sum(weight)::BIGINT AS n
FROM (SELECT model, unit, gold, emotion, position, scores[position] AS score, weight FROM pairs CROSS JOIN emotions
    WHERE gold IS NOT NULL AND described IS NOT NULL)
GROUP BY ALL
ORDER BY model, unit
