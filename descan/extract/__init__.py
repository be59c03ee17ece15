"""Stage extract: from the text of a description to the facial actions and emotion terms that it mentions."""

from descan.extract.pipeline import extract, extract_all, load_extractor, load_pipeline

__all__ = ["extract", "extract_all", "load_extractor", "load_pipeline"]
