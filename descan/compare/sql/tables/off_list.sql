-- Replies that name something outside the categories, as they are written but for case, spaces and marks around them.
SELECT model, mode, lower(left(trim(regexp_replace(text, '[\s*_`"]+', ' ', 'g'), ' .,:;!?#>'), 80)) AS reply, count(*) AS n
FROM labels JOIN answers USING (item_id, model, mode, repeat)
WHERE reason = 'off_list'
GROUP BY ALL
ORDER BY model, mode, n DESC, reply
