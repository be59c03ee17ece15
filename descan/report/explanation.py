"""`descan explain`: a text with its mentions marked, and what each of them means."""

from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from descan.emotions import CategorySet
from descan.records import Extraction, Mention, Reading
from descan.report.marks import assertion, cut_at_mentions, rule
from descan.report.palette import terminal_colour
from descan.report.wording import percent
from descan.terminal import plain

_OWN_WORDS = (
    "If one of these, or a phrase, names an emotion or what a face does, add it to emotions.csv or actions.yaml in a "
    "folder of your own, and name the folder with --lexicon DIR; descan docs own-words shows how. descan lexicon show "
    "WORD tells what the lexicon knows of a word."
)

ACTION_STYLE = "bold underline"

HEADINGS = ("words", "is", "AUs", "assertion", "by")
NO_MENTIONS = "No facial action and no emotion term found."


def print_explanation(
    text: str,
    extraction: Extraction,
    reading: Reading,
    categories: CategorySet,
    console: Console,
    unknown: Sequence[str] = (),
) -> None:
    """Print the text with its mentions marked, a table of the mentions, and the reading.

    Args:
        text: The description, untrusted.
        extraction: Its mentions, with categories.
        reading: What it says as a whole.
        categories: The category set of the reading.
        console: Where to print.
        unknown: Words of the text that the lexicon does not have.
    """
    console.print(_mark(text, extraction.mentions))
    console.print()
    if extraction.mentions:
        console.print(_table(extraction.mentions))
    else:
        console.print(Text(NO_MENTIONS, style="dim"))
    console.print()
    console.print(conclusion(reading, categories, unknown))


def explanation_record(
    text: str, extraction: Extraction, reading: Reading, categories: CategorySet, unknown: Sequence[str] = ()
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
        "unknown": list(unknown),
        "reading": told | {"named": list(reading.named)},
    }


def _mark(text: str, mentions: Sequence[Mention]) -> Text:
    """Return the text with styles at the mentions."""
    marked = Text()
    for part, covering in cut_at_mentions(text, mentions):
        marked.append(part, style=" ".join(dict.fromkeys(map(_style, covering))) or None)
    return marked


def _style(mention: Mention) -> str:
    style = ACTION_STYLE if mention.kind == "action" else f"bold {terminal_colour(mention.category)}"
    if mention.negated:
        style += " strike"
    return f"{style} italic" if mention.hedged else style


def _table(mentions: Sequence[Mention]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in HEADINGS:
        table.add_column(heading, overflow="fold")
    for mention in mentions:
        words, *others = mention_cells(mention)
        table.add_row(Text(words, style=_style(mention)), *map(Text, others))
    return table


def mention_cells(mention: Mention) -> list[str]:
    """Return what a mention has below each of `HEADINGS`."""
    name = mention.action if mention.kind == "action" else mention.category
    return [plain(cell) for cell in (mention.text, name, mention.aus, assertion(mention), rule(mention))]


def conclusion(reading: Reading, categories: CategorySet, unknown: Sequence[str] = ()) -> Text:
    """Return what a text says as a whole, in lines, and which of its words are unknown."""
    if reading.refused:
        return Text("The text declines to describe: refused.").append_text(_unknown(unknown))
    scores = sorted(zip(reading.scores, categories.names, strict=True), reverse=True)
    shares = ", ".join(f"{name} {score:.2f}" for score, name in scores if score >= 0.005)
    text = Text("described: ")
    text.append(reading.described, style=f"bold {terminal_colour(reading.described)}")
    text.append(f"   (by actions alone {reading.actions_described}, by terms alone {reading.terms_described})")
    text.append(f"\nscores: {shares or 'none'}   valence {reading.valence:+.2f}")
    text.append(f"\nevidence: {percent(reading.actions_share)} from actions, {percent(reading.terms_share)} from terms")
    if reading.named:
        text.append(f"\nnames: {plain(', '.join(reading.named))}")
    return text.append_text(_unknown(unknown))


def _unknown(words: Sequence[str]) -> Text:
    told = f"\n\nnot in the lexicon: {plain(', '.join(words))}\n{_OWN_WORDS}" if words else ""
    return Text(told, style="dim")
