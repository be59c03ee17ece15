-- What only one analysis has, and items whose gold differs.
SELECT item_id, model_a, model_b, left_out AS reason, gold_a, gold_b
FROM sides JOIN model_pairs USING (comparison)
WHERE left_out IS NOT NULL
ORDER BY pair
