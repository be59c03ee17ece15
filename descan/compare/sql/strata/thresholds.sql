-- Descriptions with gold, and what they support where the score is at least each of $thresholds.
-- Cells: by gold the descriptions; then for each threshold the descriptions that support each category, and gold.
WITH thresholds AS (
    SELECT unnest(range(len($thresholds))) AS place, unnest($thresholds::DOUBLE[]) AS threshold
), scored AS (
    SELECT model, unit, gold, emotion, position, scores[position] AS score, weight
    FROM pairs CROSS JOIN emotions
    WHERE gold IS NOT NULL AND described IS NOT NULL
), supported AS (
    SELECT *, getvariable('n_categories') + place * (getvariable('n_categories') + 1) AS first
    FROM scored JOIN thresholds ON score >= threshold - 1e-9
), cells AS (
    SELECT model, unit, position - 1 AS cell, weight FROM scored WHERE gold = emotion
    UNION ALL
    SELECT model, unit, first + position - 1, weight FROM supported
    UNION ALL
    SELECT model, unit, first + getvariable('n_categories'), weight FROM supported WHERE gold = emotion
)
SELECT model, unit, cell, sum(weight)::BIGINT AS n FROM cells GROUP BY ALL ORDER BY model, unit
