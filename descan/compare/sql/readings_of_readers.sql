-- What people and judges have read, from given_readings, which has every row of the files.

-- Of people, what they could read.
CREATE TABLE reader_readings AS
SELECT item_id, model, repeat, reader, described AS read
FROM given_readings
WHERE kind = 'person' AND status = 'read';

-- One of each description: what most people read, or Undecided where two readings are as frequent.
CREATE TABLE human_readings AS
WITH counted AS (
    SELECT item_id, model, repeat, read, count(*) AS n FROM reader_readings GROUP BY ALL
), ranked AS (
    SELECT *, max(n) OVER (PARTITION BY item_id, model, repeat) AS most FROM counted
)
SELECT item_id, model, repeat, CASE WHEN count(*) = 1 THEN any_value(read) ELSE 'Undecided' END AS read
FROM ranked
WHERE n = most
GROUP BY item_id, model, repeat;

-- Of each judge and description the first reading that could be parsed; NULL where there is none.
CREATE TABLE judge_readings AS
SELECT item_id, model, repeat, reader, arg_min(described, judge_repeat) FILTER (status = 'read') AS read
FROM given_readings
WHERE kind = 'judge'
GROUP BY ALL;
