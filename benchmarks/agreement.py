"""What the alternatives' time buys: how well do they agree with careful readers, beside descan on the same texts?

Run by itself: `python -m benchmarks.agreement [GOLD.jsonl]`.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from benchmarks.context import SETUP, is_installed, mark, run_context
from benchmarks.expressions import compile_expressions, find_actions
from benchmarks.texts import GOLD, GoldMention, GoldText, read_gold
from descan.categorize.readings import Reader
from descan.categorize.term_categories import TermCategorizer
from descan.embedding import DEFAULT_EMBEDDER, load_embedder
from descan.extract import extract_all
from descan.lexicon import load_lexicon
from descan.records import Extraction


class Placed(Protocol):
    """What has a place in a text: an action of the inventory, or an emotion term, whose action is empty."""

    @property
    def action(self) -> str:
        """Its name in the inventory."""

    @property
    def start(self) -> int:
        """Character offset."""

    @property
    def end(self) -> int:
        """Offset behind its last character."""


Found = TypeVar("Found", bound=Placed)


class Hits(NamedTuple):
    """How many of what was found and of what is there are the same."""

    n_right: int
    n_found: int
    n_gold: int

    def __add__(self, other: object) -> "Hits":
        """Pool two texts."""
        if not isinstance(other, Hits):
            return NotImplemented
        return Hits(self.n_right + other.n_right, self.n_found + other.n_found, self.n_gold + other.n_gold)

    def __str__(self) -> str:
        """Return precision, recall and F1; a dash where there is nothing to divide by."""
        n_both = self.n_found + self.n_gold
        shares = ((self.n_right, self.n_found), (self.n_right, self.n_gold), (2 * self.n_right, n_both))
        return "".join(f"{part / whole:>10.3f}" if whole else f"{'–':>10}" for part, whole in shares)


def describe_agreement(path: Path = GOLD) -> str:
    """Compare with the annotations and return tables, or say that they are not available.

    Precision, recall and F1 are those of mentions; `first` and `either` the shares of texts whose category is the
    reader's first choice, or the first or second.
    """
    if not path.is_file():
        return f"agreement: skipped, {path} is not here"
    golds = read_gold(path)
    extractions = list(extract_all(gold.text for gold in golds))
    lines = [f"agreement with the {len(golds)} annotated texts of {path.name}, on which the lexicon was developed"]
    lines.append(f"{'':50}{'precision':>10}{'recall':>10}{'F1':>10}")
    lines += _action_lines(golds, extractions)
    lines += _negation_lines(golds, extractions)
    lines += _described_lines(golds, extractions)
    return "\n".join(lines)


def pair(golds: Sequence[GoldMention], founds: Sequence[Found]) -> list[tuple[GoldMention, Found]]:
    """Pair what was found with the gold mention of the same action that it overlaps, the longest overlaps first."""
    overlaps = sorted(
        (max(gold.start, found.start) - min(gold.end, found.end), place, other)
        for place, gold in enumerate(golds)
        for other, found in enumerate(founds)
        if gold.action == found.action and min(gold.end, found.end) > max(gold.start, found.start)
    )
    pairs: dict[int, int] = {}
    for _, place, other in overlaps:
        if place not in pairs and other not in pairs.values():
            pairs[place] = other
    return [(golds[place], founds[other]) for place, other in pairs.items()]


def negation_hits(pairs: Iterable[tuple[bool, bool]]) -> Hits:
    """Count over mentions, each with whether it is negated by the gold and by what is compared."""
    both = list(pairs)
    return Hits(sum(gold and said for gold, said in both), sum(said for _, said in both), sum(gold for gold, _ in both))


def _action_lines(golds: Sequence[GoldText], extractions: Sequence[Extraction]) -> Iterator[str]:
    """Compare the actions that are found; then those found and rightly negated, where an expression negates none."""
    expressions = compile_expressions(load_lexicon())
    totals = [Hits(0, 0, 0)] * 4
    for gold, extraction in zip(golds, extractions, strict=True):
        marks = [mark for mark in gold.mentions if mark.action]
        mentions = [mention for mention in extraction.mentions if mention.action]
        founds = list(find_actions(gold.text, expressions))
        by_descan, by_expressions = pair(marks, mentions), pair(marks, founds)
        n_rights = (
            len(by_descan),
            len(by_expressions),
            sum(mark.negated == mention.negated for mark, mention in by_descan),
            sum(not mark.negated for mark, _ in by_expressions),
        )
        n_founds = (len(mentions), len(founds)) * 2
        hits = [Hits(n_right, n_found, len(marks)) for n_right, n_found in zip(n_rights, n_founds, strict=True)]
        totals = [total + more for total, more in zip(totals, hits, strict=True)]
    names = ("actions", "actions and their negation")
    readers = [f"{name}: {reader}" for name in names for reader in ("descan", "regular expressions")]
    yield from (f"{reader:50}{total}" for reader, total in zip(readers, totals, strict=True))


def _negation_lines(golds: Sequence[GoldText], extractions: Sequence[Extraction]) -> Iterator[str]:
    """Compare the negation of the mentions that both descan and the gold have."""
    pairs = [pair(gold.mentions, extraction.mentions) for gold, extraction in zip(golds, extractions, strict=True)]
    by_descan = [(mark.negated, mention.negated) for of_text in pairs for mark, mention in of_text]
    name = f"negation of {len(by_descan):,} mentions"
    yield f"{f'{name}: descan':50}{negation_hits(by_descan)}"
    if not is_installed():
        yield f"{name}: ConText: not run; {SETUP}"
        return
    rows = [mark(gold.text, [mention for _, mention in of_text]) for gold, of_text in zip(golds, pairs, strict=True)]
    flags = [flag for of_text in run_context(rows)["negated"] for flag in of_text]
    by_context = [(is_negated, flag) for (is_negated, _), flag in zip(by_descan, flags, strict=True)]
    yield f"{f'{name}: ConText':50}{negation_hits(by_context)}"


def _described_lines(golds: Sequence[GoldText], extractions: Sequence[Extraction]) -> Iterator[str]:
    """Compare the category of the whole text: descan's reading, and the one that most sentences are nearest to."""
    from benchmarks.sentences import SentenceLabeler, most_frequent

    lexicon = load_lexicon()
    reader, categorizer = Reader(lexicon), TermCategorizer(lexicon, load_embedder(DEFAULT_EMBEDDER))
    by_descan = [reader.read(extraction).described for extraction in categorizer.categorize(extractions)]
    by_sentences = [most_frequent(labels) for labels in SentenceLabeler().label([gold.text for gold in golds])]
    yield f"{'':50}{'first':>10}{'either':>10}"
    for name, said in (("descan", by_descan), ("sentences by all-MiniLM-L6-v2", by_sentences)):
        n_first = sum(gold.described == word for gold, word in zip(golds, said, strict=True))
        n_either = sum(word in (gold.described, gold.second) for gold, word in zip(golds, said, strict=True))
        yield f"{f'category of the text: {name}':50}{n_first / len(golds):>10.3f}{n_either / len(golds):>10.3f}"


if __name__ == "__main__":
    print(describe_agreement(*map(Path, sys.argv[1:])))
