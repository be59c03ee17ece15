"""Texts with their mentions marked, for a notebook: HTML that needs neither a network nor a script."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from descan.emotions import CategorySet
from descan.records import Extraction, Mention, Reading
from descan.report.explanation import HEADINGS, NO_MENTIONS, conclusion, mention_cells
from descan.report.marks import assertion, cut_at_mentions, rule
from descan.report.page import load_template
from descan.report.palette import Theme, properties
from descan.report.wording import spell
from descan.terminal import plain

_COLOURS = ("kind-action", "kind-emotion", "surface-line", "surface-faint")


def explanation_html(
    text: str, extraction: Extraction, reading: Reading, categories: CategorySet, unknown: Sequence[str] = ()
) -> str:
    """Return a text with its mentions marked, a table of the mentions, and the reading.

    Args:
        text: The description, untrusted.
        extraction: Its mentions, with categories.
        reading: What it says as a whole.
        categories: The category set of the reading.
        unknown: Words of the text that the lexicon does not have.
    """
    return _render(
        "explanation.html.j2",
        text=mark_parts(text, extraction.mentions),
        headings=HEADINGS,
        rows=[mention_cells(mention) for mention in extraction.mentions],
        no_mentions=NO_MENTIONS,
        conclusion=conclusion(reading, categories, unknown).plain,
    )


def cases_html(
    headline: str, cases: Iterable[Mapping[str, Any]], texts: Sequence[str], mentions: Sequence[Sequence[Mention]]
) -> str:
    """Return cases with their descriptions, in which mentions are marked.

    Args:
        headline: Says which cases these are.
        cases: For each case what is told of it, by name.
        texts: The description of each case, untrusted.
        mentions: Those of each description.
    """
    told = [
        ([(spell(name), plain(str(value))) for name, value in case.items()], mark_parts(text, found))
        for case, text, found in zip(cases, texts, mentions, strict=True)
    ]
    return _render("case_list.html.j2", headline=headline, cases=told)


def mark_parts(text: str, mentions: Sequence[Mention]) -> list[tuple[str, str, str]]:
    """Return the parts of a text, each with the classes of its mark and what the mark means; empty without a mark."""
    return [
        (part, " ".join(dict.fromkeys(name for mention in covering for name in _classes(mention))), _tell(covering))
        for part, covering in cut_at_mentions(text, mentions)
    ]


def _classes(mention: Mention) -> Iterable[str]:
    yield mention.kind
    if mention.negated:
        yield "negated"
    if mention.hedged:
        yield "hedged"
    if mention.target == "scene":
        yield "scene"


def _tell(mentions: Iterable[Mention]) -> str:
    return plain("\n".join(map(_tell_one, mentions)), keep_lines=True)


def _tell_one(mention: Mention) -> str:
    aus = f" (AU {mention.aus})" if mention.aus else ""
    name = f"{spell(mention.action)}{aus}" if mention.kind == "action" else f"{mention.term}: {mention.category}"
    return f"{name}; {assertion(mention)}; found by {rule(mention)}"


def _render(template: str, **content: object) -> str:
    colours = {theme: {name: properties(theme)[name] for name in _COLOURS} for theme in Theme}
    return load_template(template).render(light=colours[Theme.LIGHT], dark=colours[Theme.DARK], **content)
