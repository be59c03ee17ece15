"""The documentation as a site: `make docs` builds it into out/docs."""

from importlib.metadata import version as version_of

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

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


def setup(app: Sphinx) -> None:
    """Show diagrams as they are written, since a program that draws them would come from a network."""
    app.add_lexer("mermaid", TextLexer)
