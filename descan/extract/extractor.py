"""From descriptions to extractions: tokens, mentions, refusal, names."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from descan.columns import BoolArray, Extractions, MentionColumns
from descan.extract.engine import Engine, MentionRows
from descan.extract.engine.codes import Shape
from descan.extract.excerpts import TextRow
from descan.extract.facs_codes import FacsCodes
from descan.extract.machine_code import use_machine_code, warn_once
from descan.extract.mentions import MentionMaker
from descan.extract.names import NameFinder
from descan.extract.normalization import Normalizer, PlainText
from descan.extract.refusals import RefusalFinder
from descan.extract.rules import compile_tables
from descan.extract.tagged_names import TaggedNameFinder
from descan.extract.tokenizers import Segmenter, open_segmenter
from descan.extract.tokens import TokenReader
from descan.extract.vocabulary import compile_vocabulary
from descan.lexicon import LEXICONS_KEPT, Lexicon, ProjectLexicon, inventory_of, load_lexicon
from descan.records import DEFAULT_LANGUAGE, Extraction


class Extractor:
    """Finds what descriptions mention; built once for a tokenizer and a lexicon."""

    def __init__(self, segmenter: Segmenter, lexicon: Lexicon) -> None:
        """Compile the lexicon."""
        vocabulary = compile_vocabulary(lexicon, segmenter)
        inventory = inventory_of(lexicon)
        self._engine = Engine(compile_tables(lexicon, vocabulary, inventory))
        self._tokens = TokenReader(vocabulary, segmenter, lexicon.forms, self._engine)
        self._mentions = MentionMaker(inventory)
        has_capitals = segmenter.cuts_at_spaces
        self._names = NameFinder(lexicon, vocabulary) if has_capitals else TaggedNameFinder(lexicon)
        self._refusals = RefusalFinder(lexicon, has_spaces=segmenter.cuts_at_spaces)
        codes = FacsCodes(lexicon.facs, lexicon.forms)
        self._normalizer = Normalizer(lexicon.asides, codes, has_spaces=segmenter.cuts_at_spaces)

    def prepare(self, n_characters: int, on_problem: Callable[[Path, str], None] = warn_once) -> None:
        """Use machine code from now on, if there is enough to read for it to pay.

        Args:
            n_characters: How much is to be read, about.
            on_problem: Called with the cache folder and a reason when it cannot keep machine code. Plain Python reads
                then.
        """
        use_machine_code(self._engine, n_characters, on_problem)

    def extract(self, texts: Sequence[str]) -> Extractions:
        """Find the mentions, names and refusal of each description; many at once take less time."""
        if not texts:
            nothing = np.zeros(0, dtype=np.int64)
            columns = _mention_columns(MentionRows(*[nothing] * len(MentionRows._fields)), texts)
            return Extractions(np.zeros(1, dtype=np.int64), columns, nothing, nothing == 1, [])
        plain = self._normalizer.normalize(texts)
        read = [text.text for text in plain]
        tokens = self._tokens.read(read)
        names = self._names.find(tokens, read)
        tokens.row.codes[names.tokens] = Shape.OTHER  # Words in a name say nothing else: "Joy smiles".
        rows, refused = self._set_refusals_aside(self._engine.find_mentions(tokens.row), read)
        return Extractions(
            bounds=rows.text.searchsorted(np.arange(len(texts) + 1)),
            mentions=_mention_columns(_place_in_originals(rows, plain), texts),
            n_words=tokens.n_words,
            refused=refused,
            named=names.named,
        )

    def records(self, texts: Sequence[str]) -> list[Extraction]:
        """Find the same as `extract`, as one record for each description."""
        return self._mentions.make(self.extract(texts))

    def _set_refusals_aside(self, rows: MentionRows, texts: Sequence[str]) -> tuple[MentionRows, BoolArray]:
        """Return for each text whether it declines to describe and asserts nothing; drop what a refusal only names."""
        is_asserted = rows.negation_end == 0
        n_actions = np.bincount(rows.text[is_asserted & (rows.is_action == 1)], minlength=len(texts))
        bounds = rows.text.searchsorted(np.arange(len(texts) + 1))
        refused = np.zeros(len(texts), dtype=np.bool_)
        is_kept = np.ones(len(rows.text), dtype=np.bool_)
        for place in np.flatnonzero(n_actions == 0).tolist():
            start, end = self._refusals.find(texts[place])
            if end:
                mine = slice(bounds[place], bounds[place + 1])
                is_named = (start <= rows.start[mine]) & (rows.start[mine] < end)
                refused[place] = not (is_asserted[mine] & ~is_named).any()
                is_kept[mine] = ~(is_asserted[mine] & is_named) | ~refused[place]
        return (rows if is_kept.all() else MentionRows(*(column[is_kept] for column in rows))), refused


@lru_cache(maxsize=LEXICONS_KEPT)
def load_extractor(language: str = DEFAULT_LANGUAGE, project: ProjectLexicon | None = None) -> Extractor:
    """Return what finds mentions in blocks of descriptions, in columns; with a project's own words.

    It runs as plain Python until it is told by `prepare` that there is much to read.

    Raises:
        InputError: If there is no lexicon for the language, or the project's is not as it must be.
        SetupError: If the tokenizer of the language is not installed.
    """
    lexicon = load_lexicon(language, project)
    return Extractor(open_segmenter(lexicon), lexicon)


def _place_in_originals(rows: MentionRows, plain: Sequence[PlainText]) -> MentionRows:
    """Return mentions with the places of their words and cues in the original texts."""
    bounds = rows.text.searchsorted(np.arange(len(plain) + 1))
    for first, end, text in zip(bounds[:-1], bounds[1:], plain, strict=True):
        if text.places is None or first == end:
            continue
        for starts, ends in (
            (rows.start, rows.end),
            (rows.negation_start, rows.negation_end),
            (rows.hedge_start, rows.hedge_end),
        ):
            is_there = np.flatnonzero(ends[first:end]) + first
            starts[is_there] = text.places[starts[is_there]]
            ends[is_there] = text.places[ends[is_there] - 1] + 1
    return rows


def _mention_columns(rows: MentionRows, texts: Sequence[str]) -> MentionColumns:
    row = TextRow(texts)
    return MentionColumns(
        is_action=rows.is_action == 1,
        name=rows.name,
        entry=rows.entry,
        start=rows.start,
        end=rows.end,
        degree=rows.degree,
        side=rows.side,
        is_of_scene=rows.is_of_scene == 1,
        is_conclusion=rows.is_conclusion == 1,
        text=row.cut(rows.text, rows.start, rows.end),
        negation_cue=row.cut(rows.text, rows.negation_start, rows.negation_end),
        hedge_cue=row.cut(rows.text, rows.hedge_start, rows.hedge_end),
    )
