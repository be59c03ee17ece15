"""`descan explain`: a text with its mentions marked, and what each of them means."""

from collections.abc import Sequence
from dataclasses import asdict
from itertools import pairwise

from rich.console import Console
from rich.table import Table
from rich.text import Text

from descan.emotions import CategorySet
from descan.records import Extraction, Mention, Reading
from descan.report.palette import terminal_colour
from descan.report.wording import percent
from descan.terminal import plain

ACTION_STYLE = "bold underline"


def print_explanation(
    text: str, extraction: Extraction, reading: Reading, categories: CategorySet, console: Console
) -> None:
    """Print the text with its mentions marked, a table of the mentions, and the reading.

    Args:
        text: The description, untrusted.
        extraction: Its mentions, with categories.
        reading: What it says as a whole.
        categories: The category set of the reading.
        console: Where to print.
    """
    console.print(_mark(text, extraction.mentions))
    console.print()
    if extraction.mentions:
        console.print(_table(extraction.mentions))
    else:
        console.print(Text("No facial action and no emotion term found.", style="dim"))
    console.print(_conclusion(reading, categories))


def explanation_record(
    text: str, extraction: Extraction, reading: Reading, categories: CategorySet
) -> dict[str, object]:
    """Return the same for programs: plain values, ready for JSON."""
    told = asdict(reading) | {"scores": dict(zip(categories.names, reading.scores, strict=True))}
    del told["described_without_embedding"], told["described_by_embedding"]
    return {
        "text": text,
        "mentions": [
            {**mention._asdict(), "negated": mention.negated, "hedged": mention.hedged}
            for mention in extraction.mentions
        ],
        "reading": told | {"named": list(reading.named)},
    }


def _mark(text: str, mentions: Sequence[Mention]) -> Text:
    """Return the text with styles at the mentions; only then are control characters made visible."""
    edges = sorted({0, len(text), *(mention.start for mention in mentions), *(mention.end for mention in mentions)})
    marked = Text()
    for start, end in pairwise(edges):
        covering = [mention for mention in mentions if mention.start <= start and end <= mention.end]
        style = " ".join(dict.fromkeys(_style(mention) for mention in covering))
        marked.append(plain(text[start:end], keep_lines=True), style=style or None)
    return marked


def _style(mention: Mention) -> str:
    style = ACTION_STYLE if mention.kind == "action" else f"bold {terminal_colour(mention.category)}"
    if mention.negated:
        style += " strike"
    return f"{style} italic" if mention.hedged else style


def _table(mentions: Sequence[Mention]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("words", "is", "AUs", "assertion", "by"):
        table.add_column(heading, overflow="fold")
    for mention in mentions:
        is_action = mention.kind == "action"
        table.add_row(
            Text(plain(mention.text), style=_style(mention)),
            mention.action if is_action else mention.category,
            mention.aus,
            Text(plain(_assertion(mention))),
            Text(plain(_origin(mention))),
        )
    return table


def _assertion(mention: Mention) -> str:
    said = [
        f'negated by "{mention.negation_cue}"' if mention.negated else "",
        f'hedged by "{mention.hedge_cue}"' if mention.hedged else "",
        mention.degree,
        mention.side,
        "of the scene" if mention.target == "scene" else "",
        "in conclusion" if mention.is_conclusion else "",
    ]
    return ", ".join(part for part in said if part) or "asserted"


def _origin(mention: Mention) -> str:
    if mention.category_source == "embedding":
        return f"{mention.entry}, embedding {mention.similarity:.2f}"
    return mention.entry


def _conclusion(reading: Reading, categories: CategorySet) -> Text:
    if reading.refused:
        return Text("\nThe text declines to describe: refused.")
    scores = sorted(zip(reading.scores, categories.names, strict=True), reverse=True)
    shares = ", ".join(f"{name} {score:.2f}" for score, name in scores if score >= 0.005)
    text = Text("\ndescribed: ")
    text.append(reading.described, style=f"bold {terminal_colour(reading.described)}")
    text.append(f"   (by actions alone {reading.actions_described}, by terms alone {reading.terms_described})")
    text.append(f"\nscores: {shares or 'none'}   valence {reading.valence:+.2f}")
    text.append(f"\nevidence: {percent(reading.actions_share)} from actions, {percent(reading.terms_share)} from terms")
    if reading.named:
        text.append(f"\nnames: {plain(', '.join(reading.named))}")
    return text
