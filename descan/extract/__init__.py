"""Stage extract: from the text of a description to the facial actions and emotion terms that it mentions.

`descan.extract` is both this package and a function: whoever imports a module of the package can still call it.
"""

from descan.callable_packages import make_callable
from descan.extract.extractor import load_extractor
from descan.extract.pipeline import extract, extract_all, load_pipeline

__all__ = ["extract", "extract_all", "load_extractor", "load_pipeline"]

make_callable(__name__, "descan.analysis.extracting", "extract")
