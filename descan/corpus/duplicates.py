"""Answers that occur twice: one process holds the keys of all answers of a corpus."""

from bisect import bisect_right
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from descan.corpus.blocks import (
    KEY_BYTES,
    UNKNOWN_ITEM,
    AnswerFormat,
    BlockAnswers,
    KeyArray,
    answer_key,
    is_among,
    stream_block,
)
from descan.corpus.formats import Block
from descan.errors import InputError, quote
from descan.records import Answer
from descan.storage.paths import CHANGED


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
        is_new, is_new_unknown = self._remember(failures.keys), self._remember(failures.unknown_keys)
        left_out = Counter(failures.left_out)
        left_out[UNKNOWN_ITEM] = int(is_new_unknown.sum())
        return BlockAnswers(
            [answer for answer, is_one in zip(failures.answers, is_new, strict=True) if is_one],
            failures.keys[is_new],
            failures.unknown_keys[is_new_unknown],
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
                return InputError(block.path, _describe_repeated(answer), answer.line)
            known.add(key)
        return InputError(block.path, CHANGED)


def _describe_repeated(answer: Answer) -> str:
    found = f"item_id {quote(answer.item_id)}, model {quote(answer.model)}, mode {answer.mode}"
    return f"answer {found}, repeat {answer.repeat} occurs twice; number repeated answers in repeat"
