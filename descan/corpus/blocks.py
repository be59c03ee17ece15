"""Answers of one block of a file, which any process can read by itself."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from descan.corpus.answers import AnswerReader
from descan.corpus.keys import KeyArray, answer_key, is_among, item_key, key_array
from descan.corpus.parts import Block, ColumnNames
from descan.corpus.rows import read_block_rows
from descan.records import Answer

UNKNOWN_ITEM = "unknown_item"


@dataclass(frozen=True, slots=True, eq=False)
class AnswerFormat:
    """What a process must know to read a block: little, whatever the size of the corpus.

    Attributes:
        columns: What the columns of a bare file are called, or None for the files of a folder.
        items: Keys of the corpus's items, sorted.
    """

    columns: ColumnNames | None
    items: KeyArray

    @classmethod
    def of(cls, columns: ColumnNames | None, item_ids: Iterable[str]) -> "AnswerFormat":
        """Make the format of a corpus with these items."""
        return cls(columns, np.sort(key_array(map(item_key, item_ids))))


@dataclass(frozen=True, slots=True, eq=False)
class BlockAnswers:
    """The answers of a block.

    Attributes:
        answers: Those to items of the corpus, in the order of the file.
        keys: Their keys. Shape: (n_answers,).
        unknown_keys: Keys of the answers left out because no item has their item_id. Shape: (n_unknown,).
        left_out: Reason -> how many.
    """

    answers: list[Answer]
    keys: KeyArray
    unknown_keys: KeyArray
    left_out: Counter[str]

    @property
    def all_keys(self) -> KeyArray:
        """Keys of the answers and of those left out, for `AnswerKeys.add`."""
        return np.concatenate((self.keys, self.unknown_keys))


def read_block(block: Block, answer_format: AnswerFormat) -> BlockAnswers:
    """Read the answers of a block.

    Raises:
        InputError: If a row is not allowed; that an answer occurs twice is found by `AnswerKeys.check`.
    """
    left_out = Counter[str]()
    answers = list(all_answers(block, answer_format, left_out))
    keys = key_array(map(answer_key, answers))
    is_known = is_among(key_array(item_key(answer.item_id) for answer in answers), answer_format.items)
    if is_known.all():
        return BlockAnswers(answers, keys, keys[:0], left_out)
    left_out[UNKNOWN_ITEM] = int((~is_known).sum())
    known = [answer for answer, is_one in zip(answers, is_known, strict=True) if is_one]
    return BlockAnswers(known, keys[is_known], keys[~is_known], left_out)


def all_answers(block: Block, answer_format: AnswerFormat, left_out: Counter[str]) -> Iterator[Answer]:
    """Read the answers of a block, those to unknown items too.

    Args:
        block: The block.
        answer_format: That of the corpus.
        left_out: Counts texts that are repaired.

    Raises:
        InputError: If a row is not allowed.
    """
    reader = AnswerReader(block.path, answer_format.columns, left_out)
    rows = read_block_rows(block, answer_format.columns or ColumnNames())
    return reader.read_rows(rows, block.first_row)
