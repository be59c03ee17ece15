"""The documentation as a site: `make docs` builds it into out/docs."""

from importlib.metadata import version as version_of

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

import descan

project = "descan"
author = "The descan authors"
version = release = version_of("descan")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["category_sets", "own_words", "*.ipynb"]

html_theme = "furo"
html_title = "descan"

myst_heading_anchors = 4
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
python_maximum_signature_line_length = 88
napoleon_numpy_docstring = False
napoleon_use_ivar = True


# Before autodoc imports them as a type checker would: pydantic builds no model from such types.
for _name in descan.__all__:
    getattr(descan, _name)


def setup(app: Sphinx) -> None:
    """Show diagrams as they are written, since a program that draws them would come from a network."""
    app.add_lexer("mermaid", TextLexer)
    app.connect("autodoc-process-docstring", keep_sentences, priority=400)  # Napoleon comes at 500.


def keep_sentences(_app: Sphinx, what: str, _name: str, _object: object, _options: object, lines: list[str]) -> None:
    """Keep a sentence with a colon whole: napoleon takes what is before it for a type, and ours are in signatures."""
    if what in ("property", "attribute"):
        lines[:0] = ["..", ""]  # An empty comment, in whose first line there is no colon.
    elif "Returns:" in lines:
        lines[lines.index("Returns:")] = ":returns:"
