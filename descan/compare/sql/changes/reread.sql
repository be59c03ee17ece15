-- Descriptions that are the same word for word, but are read otherwise.
SELECT item_id, model_a, model_b, repeat, described_a, described_b FROM reread ORDER BY pair, repeat
