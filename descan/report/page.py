"""The page of a report: one HTML file that needs no network and runs nothing but its own scripts."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from descan.emotions import CategorySet
from descan.report.analysis_tables import AnalysisTables
from descan.report.charts import Figure
from descan.report.losses import page_losses
from descan.report.palette import Theme, page_properties
from descan.report.sections import list_versions, page_sections
from descan.terminal import plain

if TYPE_CHECKING:
    from jinja2 import Template

_SCRIPTS = ("common", "marks", "witnessed", "filter", "form", "list", "card", "cases", "charts", "theme", "start")

_OUTCOMES = ("hit", "hallucinated", "omitted", "denied", "rightly_denied")
"""Of a witness and a text, which the cases of a page can be filtered by."""

_UNSAFE_IN_SCRIPT = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})
"""What could end a script element or be read as markup; as escapes these mean the same in JSON."""


def render_page(
    tables: AnalysisTables,
    figures: Sequence[Figure],
    data: Mapping[str, Any],
    bundle: str,
    pictures: Mapping[str, bytes] | None = None,
) -> str:
    """Return the whole page as HTML; the same input gives the same text.

    Args:
        tables: The analysis.
        figures: The pictures, in order.
        data: The cases, counts and thumbnails that the scripts of the page list.
        bundle: JavaScript that sets `window.vegaEmbed`.
        pictures: SVG files by the name of their figure, for readers without JavaScript.

    Raises:
        ValueError: If the bundle could end its script element.
    """
    specs = {figure.name: figure.spec for figure in figures if figure.spec}
    return render_template(
        "report.html.j2",
        _SCRIPTS,
        data,
        tables.categories,
        bundle,
        title=plain(str(tables.run.get("corpus", {}).get("name") or tables.folder.name)),
        charts=_markup(safe_json(specs)),
        sections=page_sections(tables, figures),
        making=list_versions(tables),
        outcomes=_OUTCOMES if tables.has_witnesses else (),
        losses=page_losses(tables),
        pictures={name: base64.b64encode(svg).decode() for name, svg in (pictures or {}).items()},
    )


def render_template(
    name: str,
    scripts: Sequence[str],
    data: Mapping[str, Any],
    categories: CategorySet,
    bundle: str = "",
    *,
    has_server: bool = False,
    **content: object,
) -> str:
    """Return a page as HTML; it needs no network and runs nothing but the given scripts.

    Args:
        name: Of the template, which extends base.html.j2.
        scripts: Parts of one module, by name, in the order in which they define what the later ones use.
        data: What the scripts read; also the `notes` above the list of cases.
        categories: The category set, whose colours the page has.
        bundle: A library that the template holds as a script of its own.
        has_server: The page may ask the server that it comes from, and no other, for data and pictures.
        content: What the template shows; text in it is escaped.

    Raises:
        ValueError: If code could end its element.
    """
    style = f"{_colours(categories)}\n{_read('page.css')}\n{_read('marks.css')}"
    script = "\n".join(_read(f"{name}.js") for name in scripts)
    for code in (style, script, bundle):
        if re.search("</(?:script|style)|<!--", code, re.IGNORECASE):
            raise ValueError("the code would end its element")
    libraries = f"{_digest(bundle)} " if bundle else ""
    server = "connect-src 'self'; " if has_server else ""
    pictures = "'self' data:" if has_server else "data:"
    return load_template(name).render(
        # No other server, no eval, and only the scripts and the style of this page.
        policy=(
            f"default-src 'none'; script-src {libraries}{_digest(script)}; style-src {_digest(style)}; "
            f"{server}img-src {pictures}; base-uri 'none'; form-action 'none'"
        ),
        style=_markup(style),
        script=_markup(script),
        bundle=_markup(bundle),
        data=_markup(safe_json(data)),
        notes=data.get("notes", ()),
        **content,
    )


@cache
def load_template(name: str) -> "Template":
    """Return a template; it escapes all text that it shows, and refuses what it is not given."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, loader=FunctionLoader(_read)
    )
    return environment.get_template(name)


def safe_json(value: object) -> str:
    """Return JSON that is safe in a script element: no text in it can end the element."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(_UNSAFE_IN_SCRIPT)


def _markup(text: str) -> object:
    from markupsafe import Markup

    return Markup(text)


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _colours(categories: CategorySet) -> str:
    light, dark = page_properties(Theme.LIGHT, categories), page_properties(Theme.DARK, categories)
    lines = (f"--{name}: light-dark({colour}, {dark[name]});" for name, colour in light.items())
    return f":root {{ {' '.join(lines)} }}"


def _read(name: str) -> str:
    return files("descan.report").joinpath(f"template/{name}").read_text(encoding="utf-8")
