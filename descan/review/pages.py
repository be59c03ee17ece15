"""The two local pages as HTML, made of the parts of the report's page."""

from collections.abc import Mapping, Sequence
from typing import Any

from descan.corpus.readings import ReadingStatus
from descan.emotions import UNDECIDED, CategorySet
from descan.lexicon import load_category_set
from descan.report.analysis_tables import AnalysisTables
from descan.report.page import render_template
from descan.report.sections import list_versions
from descan.review.case_pages import ASSERTIONS
from descan.review.marking import Marking
from descan.terminal import plain

PAGE_SIZE = 20
"""Cases that the page asks for at a time."""

_CASES_SCRIPTS = ("common", "marks", "every", "form", "card", "theme", "start")
_MARKING_SCRIPTS = ("common", "theme", "mark")

_OTHERS = ((UNDECIDED, "0", UNDECIDED), (ReadingStatus.REFUSAL, "r", "Refuses to describe"), ("", "x", "Cannot tell"))
"""What else a text can be read as: the value, the key, and the words on the button."""

_KEYS = "123456789bcdefghi"


def render_cases_page(
    tables: AnalysisTables, counts: Mapping[str, Any], names: Mapping[str, Sequence[str]], *, has_pictures: bool
) -> str:
    """Return the page that lists every case.

    Args:
        tables: The analysis.
        counts: From `report.cases.count_pairs`.
        names: What can be filtered by, from `CasePages.list_names`.
        has_pictures: The folder of the corpus is known.
    """
    data = {
        "categories": list(tables.categories.names),
        "counts": {"columns": counts["columns"], "rows": counts["rows"]},
        "names": dict(names),
        "assertions": list(ASSERTIONS),
        "has_pictures": has_pictures,
        "page_size": PAGE_SIZE,
    }
    return render_template(
        "every.html.j2",
        _CASES_SCRIPTS,
        data,
        tables.categories,
        has_server=True,
        title=_title(tables),
        sections=(),
        making=list_versions(tables),
    )


def render_marking_page(tables: AnalysisTables, marking: Marking) -> str:
    """Return the page on which people read a sample; it holds nothing of what descan read."""
    return render_template(
        "mark.html.j2",
        _MARKING_SCRIPTS,
        {"actions": list(marking.actions)},
        tables.categories,
        has_server=True,
        title=_title(tables),
        choices=_choices(tables.categories),
        is_default=tables.categories == load_category_set(),
    )


def _choices(categories: CategorySet) -> list[dict[str, object]]:
    chosen = [
        {"value": name, "key": key, "name": name, "is_category": True}
        for name, key in zip(categories.names, _KEYS, strict=False)
    ]
    return [
        *chosen,
        *({"value": value, "key": key, "name": name, "is_category": False} for value, key, name in _OTHERS),
    ]


def _title(tables: AnalysisTables) -> str:
    return plain(str(tables.run.get("corpus", {}).get("name") or tables.folder.name))
