"""The answers of one block, which any process can load by itself, and their keys."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from descan.corpus.answers import AnswerParser
from descan.corpus.formats import Block, ColumnNames, load_block_rows
from descan.records import Answer

KeyArray = NDArray[np.bytes_]
"""Keys of 16 bytes each, so that millions of them fit in memory. Shape: (n_keys,)."""

KEY_BYTES = 16

UNKNOWN_ITEM = "unknown_item"


@dataclass(frozen=True, slots=True, eq=False)
class AnswerFormat:
    """What a process must know to load a block; it is small whatever the size of the corpus.

    Attributes:
        columns: Column names of a bare table, or None for the files of a folder.
        items: Keys of the corpus's items, sorted.
    """

    columns: ColumnNames | None
    items: KeyArray

    @classmethod
    def of(cls, columns: ColumnNames | None, item_ids: Iterable[str]) -> "AnswerFormat":
        """Return the format of a corpus with these items."""
        return cls(columns, np.sort(key_array(map(item_key, item_ids))))


@dataclass(frozen=True, slots=True, eq=False)
class BlockAnswers:
    """The answers of a block.

    Attributes:
        answers: Those to items of the corpus, in the order of the file.
        keys: Their keys. Shape: (n_answers,).
        unknown_keys: Keys of the answers left out because no item has their item_id. Shape: (n_unknown,).
        left_out: Reason -> number of answers.
    """

    answers: list[Answer]
    keys: KeyArray
    unknown_keys: KeyArray
    left_out: Counter[str]

    @property
    def all_keys(self) -> KeyArray:
        """Keys of all answers, including those left out, for `AnswerKeys.add`."""
        return np.concatenate((self.keys, self.unknown_keys))


def load_block(block: Block, answer_format: AnswerFormat) -> BlockAnswers:
    """Load the answers of a block.

    Raises:
        InputError: If a row is not allowed. Answers that occur twice are found by `AnswerKeys.check`.
    """
    left_out = Counter[str]()
    answers = list(stream_block(block, answer_format, left_out))
    keys = key_array(map(answer_key, answers))
    is_known = is_among(key_array(item_key(answer.item_id) for answer in answers), answer_format.items)
    if is_known.all():
        return BlockAnswers(answers, keys, keys[:0], left_out)
    left_out[UNKNOWN_ITEM] = int((~is_known).sum())
    known = [answer for answer, is_one in zip(answers, is_known, strict=True) if is_one]
    return BlockAnswers(known, keys[is_known], keys[~is_known], left_out)


def stream_block(block: Block, answer_format: AnswerFormat, left_out: Counter[str]) -> Iterator[Answer]:
    """Stream the answers of a block, including those to unknown items.

    Args:
        block: The block.
        answer_format: The format of the corpus.
        left_out: Counts repaired texts.

    Raises:
        InputError: If a row is not allowed.
    """
    parser = AnswerParser(block.path, answer_format.columns, left_out)
    rows = load_block_rows(block, answer_format.columns or ColumnNames())
    return parser.parse_rows(rows, block.first_row)


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
    """Tell for each key whether it is among `known`, which must be sorted."""
    if not len(known):
        return np.zeros(len(keys), dtype=np.bool_)
    places = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    found: NDArray[np.bool_] = known[places] == keys
    return found
