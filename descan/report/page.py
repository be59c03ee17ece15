"""The page of a report: one HTML file that needs no network and runs nothing but its own scripts."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from descan.report.analysis_tables import AnalysisTables
from descan.report.charts import Figure
from descan.report.palette import Theme, properties
from descan.report.sections import making, page_sections
from descan.terminal import plain

_SCRIPTS = ("filter", "marks", "cases", "charts", "start")
"""Parts of one module, in the order in which they define what the later ones use."""

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
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    style, script = f"{_colours()}\n{_read('page.css')}", "\n".join(_read(f"{name}.js") for name in _SCRIPTS)
    for code in (style, script, bundle):
        if re.search("</(?:script|style)|<!--", code, re.IGNORECASE):
            raise ValueError("the code would end its element")
    specs = {figure.name: figure.spec for figure in figures if figure.spec}
    return environment.from_string(_read("report.html.j2")).render(
        title=plain(str(tables.run.get("corpus", {}).get("name") or tables.folder.name)),
        # No network, no eval, and only the scripts and the style of this page.
        policy=(
            f"default-src 'none'; script-src {_digest(bundle)} {_digest(script)}; style-src {_digest(style)}; "
            "img-src data:; base-uri 'none'; form-action 'none'"
        ),
        style=Markup(style),
        script=Markup(script),
        bundle=Markup(bundle),
        data=Markup(safe_json(data)),
        charts=Markup(safe_json(specs)),
        sections=page_sections(tables, figures),
        making=making(tables),
        notes=data.get("notes", ()),
        pictures={name: base64.b64encode(svg).decode() for name, svg in (pictures or {}).items()},
    )


def safe_json(value: object) -> str:
    """Return JSON that may stand in a script element: it cannot end it, whatever texts it holds."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(_UNSAFE_IN_SCRIPT)


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _colours() -> str:
    light, dark = properties(Theme.LIGHT), properties(Theme.DARK)
    lines = (f"--{name}: light-dark({colour}, {dark[name]});" for name, colour in light.items())
    return f":root {{ {' '.join(lines)} }}"


def _read(name: str) -> str:
    return files("descan.report").joinpath(f"template/{name}").read_text(encoding="utf-8")
