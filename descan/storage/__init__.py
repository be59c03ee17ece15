"""Files of an analysis: schemas, Parquet, DuckDB, the output folder, the cache and atomic writes."""
