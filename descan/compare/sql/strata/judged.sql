-- Every description that somebody and people other than they have read, with what it weighs among those of its item: in
-- all, where it has a verdict with a right label, and with a wrong one. agreement is the share of these people who read it
-- alike, people_supports that of those who read gold.
WITH first_readings AS (
    SELECT item_id, model, repeat, reader, kind, rank, arg_min(read, judge_repeat) AS read
    FROM all_readings
    WHERE read IS NOT NULL
    GROUP BY ALL
), compared AS (
    SELECT one.*, list(people.read) AS reads
    FROM first_readings AS one
    JOIN reader_readings AS people
        ON people.item_id = one.item_id AND people.model = one.model AND people.repeat = one.repeat
        AND (one.kind <> 'person' OR people.reader <> one.reader)
    GROUP BY ALL
), weights AS (
    SELECT
        item_id, model, repeat, sum(weight) / whole() AS weight,
        coalesce(sum(weight) FILTER (verdict <> 'unscored' AND label = gold), 0) / whole() AS weight_right,
        coalesce(sum(weight) FILTER (verdict <> 'unscored' AND label <> gold), 0) / whole() AS weight_wrong
    FROM verdicts
    WHERE support = 'strict' AND supports IS NOT NULL
    GROUP BY ALL
)
SELECT
    reader, kind, descriptions.model, unit,
    len(list_filter(reads, lambda one: one = read)) / len(reads) AS agreement,
    coalesce(weight, 0) AS weight, coalesce(weight_right, 0) AS weight_right, coalesce(weight_wrong, 0) AS weight_wrong,
    coalesce((read = gold)::INTEGER, 0) AS supports,
    coalesce(len(list_filter(reads, lambda one: one = gold)) / len(reads), 0) AS people_supports
FROM compared
JOIN (SELECT item_id, model, repeat, unit, gold FROM descriptions) AS descriptions USING (item_id, model, repeat)
LEFT JOIN weights USING (item_id, model, repeat)
ORDER BY rank, reader, descriptions.model, unit, item_id, repeat
