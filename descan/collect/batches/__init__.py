"""Questions that are asked in batches: submitted now, fetched later."""
