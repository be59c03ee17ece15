"""The answers of one block, which any process can load by itself, and the keys by which none occurs twice."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from descan.corpus.answers import AnswerParser
from descan.corpus.formats import Block, ColumnNames, load_block_rows
from descan.corpus.prompts import Prompts, number_repeat
from descan.errors import InputError, quote
from descan.records import Answer
from descan.storage.paths import CHANGED

KeyArray = NDArray[np.bytes_]
"""Keys of 16 bytes each, so that millions of them fit in memory. Shape: (n_keys,)."""

KEY_BYTES = 16

UNKNOWN_ITEM = "unknown_item"
DROPPED_ITEM = "answers_to_dropped_items"
"""Answers that are left out because items.csv does not list their item, or because its gold is dropped."""


@dataclass(frozen=True, slots=True, eq=False)
class AnswerFormat:
    """What a process must know to load a block; it is small whatever the size of the corpus.

    Attributes:
        columns: Column names of a bare table, or None for the files of a folder.
        items: Keys of the corpus's items, sorted.
        dropped: Keys of the items whose gold the user dropped, sorted.
        prompts: The prompts of the modes whose answers are numbered through them.
    """

    columns: ColumnNames | None
    items: KeyArray
    dropped: KeyArray
    prompts: Prompts = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class BlockAnswers:
    """The answers of a block.

    Attributes:
        answers: Those to items of the corpus, in the order of the file.
        keys: Their keys. Shape: (n_answers,).
        unknown_keys: Keys of the answers left out because no item has their item_id. Shape: (n_unknown,).
        dropped_keys: Keys of the answers left out because the gold of their item is dropped. Shape: (n_dropped,).
        left_out: Reason -> number of answers.
    """

    answers: list[Answer]
    keys: KeyArray
    unknown_keys: KeyArray
    dropped_keys: KeyArray
    left_out: Counter[str]

    @property
    def all_keys(self) -> KeyArray:
        """Keys of all answers, including those left out, for `AnswerKeys.add`."""
        return np.concatenate((self.keys, self.unknown_keys, self.dropped_keys))


class AnswerKeys:
    """The keys of all answers: `add` those of every block, then `check`, then ask for `new_failures`."""

    def __init__(self, answer_format: AnswerFormat) -> None:
        """Start without keys, for a corpus of this format."""
        self._format = answer_format
        self._added = bytearray()
        self._blocks: list[Block] = []
        self._ends: list[int] = []
        self._sorted: list[KeyArray] | None = None

    def add(self, block: Block, keys: KeyArray) -> None:
        """Add the keys of a block, including its answers to unknown items; blocks come in file order."""
        if self._sorted is not None:
            raise ValueError("keys are added before they are checked")
        self._added += keys.tobytes()
        self._blocks.append(block)
        self._ends.append(len(self._added) // KEY_BYTES)

    def has_repeated(self) -> bool:
        """Say whether an answer occurs twice."""
        ordered = np.sort(np.frombuffer(self._added, dtype=f"S{KEY_BYTES}"))
        return bool((ordered[1:] == ordered[:-1]).any())

    def check(self) -> None:
        """Check that no answer occurs twice.

        Raises:
            InputError: If one does; the error names the first repetition in file order.
        """
        keys = np.frombuffer(self._added, dtype=f"S{KEY_BYTES}")
        ordered = np.sort(keys)
        repeated = ordered[1:][ordered[1:] == ordered[:-1]]
        if len(repeated):
            raise self._find_repeated(keys, repeated)
        self._added = bytearray()
        self._sorted = [ordered]

    def new_failures(self, failures: BlockAnswers) -> BlockAnswers:
        """Return the first failure of every key that had neither an answer nor a failure before.

        Raises:
            ValueError: If the answers are not checked yet.
        """
        kinds = (failures.keys, failures.unknown_keys, failures.dropped_keys)
        is_new, is_new_unknown, is_new_dropped = map(self._remember, kinds)
        left_out = Counter(failures.left_out)
        left_out[UNKNOWN_ITEM], left_out[DROPPED_ITEM] = int(is_new_unknown.sum()), int(is_new_dropped.sum())
        return BlockAnswers(
            [answer for answer, is_one in zip(failures.answers, is_new, strict=True) if is_one],
            failures.keys[is_new],
            failures.unknown_keys[is_new_unknown],
            failures.dropped_keys[is_new_dropped],
            +left_out,
        )

    def _remember(self, keys: KeyArray) -> NDArray[np.bool_]:
        """Add keys and tell for each whether it is new."""
        if self._sorted is None:
            raise ValueError("check the answers before their failures")
        is_new = np.zeros(len(keys), dtype=np.bool_)
        is_new[np.unique(keys, return_index=True)[1]] = True
        for known in self._sorted:
            is_new &= ~is_among(keys, known)
        fresh = np.sort(keys[is_new])
        # The arrays grow by doubling, so that a key is sorted again only a few times however many blocks there are.
        while len(self._sorted) > 1 and len(self._sorted[-1]) <= len(fresh):
            fresh = np.sort(np.concatenate((self._sorted.pop(), fresh)))
        if len(fresh):
            self._sorted.append(fresh)
        return is_new

    def _find_repeated(self, keys: KeyArray, repeated: KeyArray) -> InputError:
        """Load the block with the first repetition again, to find its line."""
        seen = set[bytes]()
        for place in np.flatnonzero(np.isin(keys, repeated)).tolist():
            if keys[place] in seen:
                break
            seen.add(keys[place])
        n = bisect_right(self._ends, place)
        before = keys[: self._ends[n - 1]] if n else keys[:0]
        known = set(before[np.isin(before, repeated)].tolist())
        block = self._blocks[n]
        for answer in stream_block(block, self._format, Counter()):
            key = answer_key(answer).rstrip(b"\0")  # numpy drops these bytes, too.
            if key in known:
                return repeated_error(answer, block.path, self._format.prompts)
            known.add(key)
        return InputError(block.path, CHANGED)


def load_block(block: Block, answer_format: AnswerFormat) -> BlockAnswers:
    """Load the answers of a block.

    Raises:
        InputError: If a row is not allowed. Answers that occur twice are found by `AnswerKeys.check`.
    """
    left_out = Counter[str]()
    answers = list(stream_block(block, answer_format, left_out))
    keys = key_array(map(answer_key, answers))
    items = key_array(item_key(answer.item_id) for answer in answers)
    is_known, is_dropped = is_among(items, answer_format.items), is_among(items, answer_format.dropped)
    if is_known.all():
        return BlockAnswers(answers, keys, keys[:0], keys[:0], left_out)
    is_unknown = ~is_known & ~is_dropped
    left_out[UNKNOWN_ITEM], left_out[DROPPED_ITEM] = int(is_unknown.sum()), int(is_dropped.sum())
    known = [answer for answer, is_one in zip(answers, is_known, strict=True) if is_one]
    return BlockAnswers(known, keys[is_known], keys[is_unknown], keys[is_dropped], +left_out)


def stream_block(block: Block, answer_format: AnswerFormat, left_out: Counter[str]) -> Iterator[Answer]:
    """Stream the answers of a block, including those to unknown items; `left_out` counts repaired texts.

    Raises:
        InputError: If a row is not allowed.
    """
    parser = AnswerParser(block.path, answer_format.columns, left_out)
    rows = load_block_rows(block, answer_format.columns or ColumnNames())
    for answer in parser.parse_rows(rows, block.first_row):
        yield number_repeat(answer, answer_format.prompts, block.path)


def repeated_error(answer: Answer, path: Path, prompts: Prompts = MappingProxyType({}), first: str = "") -> InputError:
    """Return the error for an answer that a file gives again.

    Args:
        answer: What is given again.
        path: The file.
        prompts: Of the modes whose answers are numbered through them.
        first: Where it came first, if that is known.
    """
    found = f"item_id {quote(answer.item_id)}, model {quote(answer.model)}, mode {answer.mode}"
    twice = f"occurs twice, first in {first}" if first else "occurs twice"
    repeat = str(answer.repeat)
    if answer.mode in prompts:
        repeat = f"{answer.repeat // len(prompts[answer.mode])} of prompt {quote(answer.prompt or '')}"
    problem = f"answer {found}, repeat {repeat} {twice}; number repeated answers in repeat"
    return InputError(path, problem, answer.line)


def answer_key(answer: Answer) -> bytes:
    """Return the key of an answer: of its item, model, mode and repeat."""
    key = f"{answer.item_id}\0{answer.model}\0{answer.mode}\0{answer.repeat}"
    return blake2b(key.encode(), digest_size=KEY_BYTES).digest()


def item_key(item_id: str) -> bytes:
    """Return the key of an item."""
    return blake2b(item_id.encode(), digest_size=KEY_BYTES).digest()


def key_array(keys: Iterable[bytes]) -> KeyArray:
    """Return an array of keys, in their order."""
    return np.frombuffer(b"".join(keys), dtype=f"S{KEY_BYTES}")


def is_among(keys: KeyArray, known: KeyArray) -> NDArray[np.bool_]:
    """Return for each key whether it is among `known`, which must be sorted."""
    if not len(known):
        return np.zeros(len(keys), dtype=np.bool_)
    places = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    found: NDArray[np.bool_] = known[places] == keys
    return found
