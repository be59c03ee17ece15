-- Of each action: texts that say it by people and those of them in which descan reads it, then texts that do not, and those
-- in which descan does not read it. Marks of actions with the same units count together.
WITH marked AS (
    SELECT description, aus, bool_or(is_said) AS is_said
    FROM action_marks
    JOIN witness_actions USING (action)
    JOIN (SELECT description, item_id, model, repeat FROM descriptions) AS descriptions USING (item_id, model, repeat)
    GROUP BY ALL
), read AS (
    SELECT description, aus, max(surety) > 1 AS is_read FROM said_actions JOIN witness_actions USING (number) GROUP BY ALL
), counted AS (
    SELECT
        aus,
        count(*) FILTER (is_said) AS n_said, count(*) FILTER (is_said AND is_read) AS n_read,
        count(*) FILTER (NOT is_said) AS n_unsaid, count(*) FILTER (NOT is_said AND NOT coalesce(is_read, false)) AS n_unread
    FROM marked LEFT JOIN read USING (description, aus)
    GROUP BY ALL
)
SELECT action, n_said, n_read, n_unsaid, n_unread FROM counted JOIN witness_actions USING (aus) ORDER BY number
