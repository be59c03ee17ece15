"""A text cut where mentions begin and end, and what a mention says in words."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from descan.records import Mention
from descan.terminal import plain


def cut_at_mentions(text: str, mentions: Sequence[Mention]) -> Iterator[tuple[str, list[Mention]]]:
    """Yield the parts of a text in order, each with the mentions that cover it.

    Args:
        text: A description, untrusted; what cannot be seen, or reorders what stands around it, is an escape in the
            parts.
        mentions: Of the text.
    """
    edges = sorted({0, len(text), *(mention.start for mention in mentions), *(mention.end for mention in mentions)})
    for start, end in pairwise(edges):
        covering = [mention for mention in mentions if mention.start <= start and end <= mention.end]
        yield plain(text[start:end], keep_lines=True), covering


def assertion(mention: Mention) -> str:
    """Return what a text says of a mention in words, such as `negated by "no", left`."""
    said = [
        f'negated by "{mention.negation_cue}"' if mention.negated else "",
        f'hedged by "{mention.hedge_cue}"' if mention.hedged else "",
        mention.degree,
        mention.side,
        "of the scene" if mention.target == "scene" else "",
        "in conclusion" if mention.is_conclusion else "",
    ]
    return ", ".join(part for part in said if part) or "asserted"


def rule(mention: Mention) -> str:
    """Return what found a mention, and how near its term is to the lexicon's where embedding gave the category."""
    if mention.category_source == "embedding":
        return f"{mention.entry}, embedding {mention.similarity:.2f}"
    return mention.entry
