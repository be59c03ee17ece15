"""Which part of a reading is worth how much, and how far do the weights carry to texts they were not fitted on?

Reads the gold annotations (`described` and `second` of each text) and prints two Markdown tables: the reading with
each part switched off, and the reading with weights that were searched on all sources but the one it is tested on.
Run:

    python -m benchmarks.ablation [GOLD.jsonl]
"""

import json
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from benchmarks.emotions import Emotion
from descan.categorize.readings import Reader, ReadingWeights
from descan.categorize.term_categories import TermCategorizer
from descan.embedding import DEFAULT_EMBEDDER, load_embedder
from descan.emotions import OTHER, UNDECIDED
from descan.extract import extract_all
from descan.lexicon import Lexicon, load_lexicon
from descan.records import Extraction

GOLD = Path(__file__).parents[2] / "shared" / "gold" / "dev.jsonl"

START = ReadingWeights(
    action=1.0, other=1.0, hedged=1.0, scene=1.0, slight=1.0, strong=1.0, conclusion=1.0, minimum=0.0
)
"""Where the search begins: every mention counts the same, so that nothing is known of the default weights."""

GRID: Mapping[str, tuple[float, ...]] = {
    "action": (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.5),
    "other": (0.0, 0.1, 0.25, 0.5, 0.75, 1.0),
    "hedged": (0.3, 0.5, 0.7, 0.85, 1.0),
    "scene": (0.0, 0.1, 0.25, 0.5, 1.0),
    "slight": (0.4, 0.6, 0.8, 1.0),
    "strong": (1.0, 1.2, 1.5, 2.0),
    "conclusion": (1.0, 1.25, 1.5, 2.0, 3.0),
    "minimum": (0.0, 0.05, 0.1, 0.15, 0.25, 0.4),
}
"""Values that the search tries; the weight of a term is the unit, 1."""

MAX_ROUNDS = 5
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class GoldText:
    """A text with what a careful reader ticked for it.

    Attributes:
        source: Where the text comes from: its id up to the first hyphen.
        second: Another category that the reader would accept, if any.
    """

    source: str
    text: str
    described: str
    second: str | None
    extraction: Extraction


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many of `n` texts are read as the gold says, by its first choice and by its first or second."""

    n: int
    n_first: int
    n_either: int

    def __add__(self, other: "Agreement") -> "Agreement":
        """Pool two sets of texts."""
        return Agreement(self.n + other.n, self.n_first + other.n_first, self.n_either + other.n_either)


def main(gold: str | None = None) -> None:
    """Print the ablation and the test of the weights on sources left out."""
    path = Path(gold) if gold else GOLD
    if not path.is_file():
        print(f"ablation: skipped, {path} is not here")
        return
    lexicon = load_lexicon("en")
    texts = read_gold(path, lexicon)
    _print_ablation(texts, lexicon)
    _print_left_out(texts, lexicon)


def read_gold(path: Path, lexicon: Lexicon) -> list[GoldText]:
    """Read the annotations and extract the mentions of each text."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    categorizer = TermCategorizer(lexicon, load_embedder(DEFAULT_EMBEDDER))
    extractions = categorizer.categorize(list(extract_all(row["text"] for row in rows)))
    return [
        GoldText(row["id"].split("-")[0], row["text"], row["described"], row["second"], extraction)
        for row, extraction in zip(rows, extractions, strict=True)
    ]


def variants(texts: Sequence[GoldText], lexicon: Lexicon) -> dict[str, list[str]]:
    """Return what each variant of the reading says of each text."""
    default = ReadingWeights()
    weights = {
        "default": default,
        "terms only": replace(default, action=0.0),
        "actions only": replace(default, term=0.0, other=0.0),
        "no hedge discount": replace(default, hedged=1.0),
        "no conclusion weight": replace(default, conclusion=1.0),
        "no scene discount": replace(default, scene=1.0),
        "scene terms left out": replace(default, scene=0.0),
        "no degrees": replace(default, slight=1.0, strong=1.0),
        "Other not counted": replace(default, other=0.0),
        "no minimum": replace(default, minimum=0.0),
        "all weights 1, no minimum": START,
    }
    said = {name: _describe(texts, lexicon, weight) for name, weight in weights.items()}
    asserted = [replace(text, extraction=_without_negation(text.extraction)) for text in texts]
    said["negated mentions counted"] = _describe(asserted, lexicon, default)
    said["plain counting of family words"] = [_most_words(text.text, lexicon) for text in texts]
    golds = [text.described for text in texts]
    said["always the most frequent category"] = [max(Emotion, key=golds.count)] * len(texts)
    return said


def search(texts: Sequence[GoldText], lexicon: Lexicon, start: ReadingWeights = START) -> ReadingWeights:
    """Find weights by coordinate search: one weight at a time, until none improves.

    What counts is first choices plus first-or-second choices; a tie keeps the value there is.
    """
    weights, best = start, _goodness(texts, lexicon, start)
    for _ in range(MAX_ROUNDS):
        before = best
        for name, values in GRID.items():
            for value in values:
                candidate = replace(weights, **{name: value})
                goodness = _goodness(texts, lexicon, candidate)
                if goodness > best:
                    weights, best = candidate, goodness
        if best == before:
            break
    return weights


def _goodness(texts: Sequence[GoldText], lexicon: Lexicon, weights: ReadingWeights) -> int:
    agreement = _agreement(texts, _describe(texts, lexicon, weights))
    return agreement.n_first + agreement.n_either


def _describe(texts: Iterable[GoldText], lexicon: Lexicon, weights: ReadingWeights) -> list[str]:
    reader = Reader(lexicon, weights)
    return [reader.read(text.extraction).described for text in texts]


def _agreement(texts: Sequence[GoldText], said: Sequence[str]) -> Agreement:
    first = sum(text.described == word for text, word in zip(texts, said, strict=True))
    either = sum(word in (text.described, text.second) for text, word in zip(texts, said, strict=True))
    return Agreement(len(texts), first, either)


def _without_negation(extraction: Extraction) -> Extraction:
    return replace(extraction, mentions=tuple(mention._replace(negation_cue="") for mention in extraction.mentions))


def _most_words(text: str, lexicon: Lexicon) -> str:
    """Return the category with most words of its family in the text; Undecided where there is none or a tie."""
    families = {
        phrase: entry.category
        for entry in lexicon.terms.values()
        for phrase in (entry.term, *entry.forms)
        if entry.category != OTHER and " " not in phrase
    }
    words = "".join(letter if letter.isalpha() or letter == "-" else " " for letter in text.lower()).split()
    counts = [sum(families.get(word) == emotion for word in words) for emotion in Emotion]
    leaders = [emotion for emotion, count in zip(Emotion, counts, strict=True) if count == max(counts)]
    return leaders[0] if len(leaders) == 1 else UNDECIDED


def _print_ablation(texts: Sequence[GoldText], lexicon: Lexicon) -> None:
    said = variants(texts, lexicon)
    default = said["default"]
    print(f"{len(texts)} texts. Gained, lost: texts right (first or second) with the variant and not by default,")
    print("and the other way round.\n")
    print("| reading | first | first or second | gained | lost |\n|---|--:|--:|--:|--:|")
    for name, words in said.items():
        agreement = _agreement(texts, words)
        gained, lost = _count_gained(texts, default, words), _count_gained(texts, words, default)
        print(f"| {name} | {_share(agreement, _first)} | {_share(agreement, _either)} | {gained} | {lost} |")


def _count_gained(texts: Sequence[GoldText], before: Sequence[str], after: Sequence[str]) -> int:
    return sum(
        old not in (text.described, text.second) and new in (text.described, text.second)
        for text, old, new in zip(texts, before, after, strict=True)
    )


def _print_left_out(texts: Sequence[GoldText], lexicon: Lexicon) -> None:
    sources = sorted({text.source for text in texts})
    names = [field.name for field in fields(ReadingWeights) if field.name in GRID]
    rows: list[tuple[str, ReadingWeights, Agreement, Agreement]] = []
    from_default: list[Agreement] = []
    for source in sources:
        others = [text for text in texts if text.source != source]
        left_out = [text for text in texts if text.source == source]
        weights = search(others, lexicon)
        rows.append((source, weights, *_test(left_out, lexicon, weights)))
        from_default.append(_test(left_out, lexicon, search(others, lexicon, ReadingWeights()))[0])
    everything = search(texts, lexicon)
    print("\nWeights searched on the other sources, tested on the source left out.\n")
    print(f"| source left out | n | first | first or second | default, first | default, either | {' | '.join(names)} |")
    print("|---|" + "--:|" * (5 + len(names)))
    for source, weights, searched, default in rows:
        _print_tested(source, weights, searched, default, names)
    pooled = _pool(searched for _, _, searched, _ in rows)
    _print_pooled("all, each left out once", pooled, names)
    _print_pooled("the same, searched from the default", _pool(from_default), names)
    _print_tested("none: searched on all", everything, *_test(texts, lexicon, everything), names)
    print(f"\nWilson 95 %, left out: first {_interval(pooled.n_first, pooled.n)}", end="")
    print(f", first or second {_interval(pooled.n_either, pooled.n)}")


def _test(texts: Sequence[GoldText], lexicon: Lexicon, weights: ReadingWeights) -> tuple[Agreement, Agreement]:
    searched = _agreement(texts, _describe(texts, lexicon, weights))
    return searched, _agreement(texts, _describe(texts, lexicon, ReadingWeights()))


def _print_tested(
    name: str, weights: ReadingWeights, searched: Agreement, default: Agreement, names: Sequence[str]
) -> None:
    values = " | ".join(f"{getattr(weights, name):g}" for name in names)
    shares = " | ".join(_share(agreement, of) for agreement in (searched, default) for of in (_first, _either))
    print(f"| {name} | {searched.n} | {shares} | {values} |")


def _print_pooled(name: str, pooled: Agreement, names: Sequence[str]) -> None:
    print(f"| {name} | {pooled.n} | {_share(pooled, _first)} | {_share(pooled, _either)} |{' |' * (2 + len(names))}")


def _pool(agreements: Iterable[Agreement]) -> Agreement:
    return sum(agreements, Agreement(0, 0, 0))


def _first(agreement: Agreement) -> int:
    return agreement.n_first


def _either(agreement: Agreement) -> int:
    return agreement.n_either


def _share(agreement: Agreement, of: Callable[[Agreement], int]) -> str:
    return f"{of(agreement) / agreement.n:.3f}"


def _interval(n_right: int, n: int) -> str:
    # Wilson (1927); kept here, so that the benchmark needs no statistics package.
    share, z2 = n_right / n, _Z * _Z
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return f"{centre - half:.3f}-{centre + half:.3f}"


if __name__ == "__main__":
    main(*sys.argv[1:])
