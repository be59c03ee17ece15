"""A corpus: its items in memory, its answers as a stream."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from descan.corpus.answer_keys import AnswerKeys
from descan.corpus.blocks import UNKNOWN_ITEM, AnswerFormat, BlockAnswers, read_block
from descan.corpus.parts import Block, ColumnNames
from descan.corpus.rows import cut
from descan.errors import InputError
from descan.records import Answer, Item
from descan.storage.paths import opened, size_of

_N_ROWS = 256
_DIGEST_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Corpus:
    """Items with their gold, and where their answers are.

    Attributes:
        name: As `corpus.toml` says, else the name of the folder or file.
        language: Of the answers, as a code such as `en`.
        source: Where the corpus comes from.
        licence: Of its texts.
        aliases: Spelled label -> one of the seven categories.
        prompts: Mode -> what the models were asked.
        items: Item by item_id, in the order of the file.
        answer_files: The files that hold answers, in reading order.
        failure_file: The file that tells what failed, if there is one; it is read after the answers, and
            a failure counts only where no answer came in the end.
        other_files: The files that describe the corpus: `corpus.toml` and `items.csv`, or none.
        columns: What the columns of a bare file are called, or None for a folder.
        left_out: Reason -> how many, of the latest call of `answers`: `unknown_item` counts answers
            left out because no item has their item_id, `repaired_text` texts in which lone
            surrogates became U+FFFD, one for one.
    """

    name: str
    language: str
    source: str
    licence: str
    aliases: Mapping[str, str]
    prompts: Mapping[str, str]
    items: Mapping[str, Item]
    answer_files: tuple[Path, ...]
    failure_file: Path | None = None
    other_files: tuple[Path, ...] = ()
    columns: ColumnNames | None = None
    left_out: Counter[str] = field(default_factory=Counter)

    @property
    def folder(self) -> Path:
        """What the items' media are relative to: the corpus folder, or that of the bare file."""
        return (*self.other_files, *self.answer_files)[0].parent

    @property
    def n_bytes(self) -> int:
        """Size of all files with answers and failures together, the end of a progress bar."""
        return sum(size_of(path) for path in self._read_files)

    def answers(self, on_progress: Callable[[int], None] | None = None) -> Iterator[Answer]:
        """Stream the answers, file by file in reading order; `left_out` starts again from nothing.

        Args:
            on_progress: Is told now and then how many bytes of `n_bytes` are read, and at the end.

        Raises:
            InputError: If a row is not allowed, no answer is left, or, after the last, an answer occurs twice.
        """
        self.left_out.clear()
        n_answers = 0
        for n_bytes, found in self._read_blocks():
            self.left_out.update(found.left_out)
            n_answers += len(found.answers)
            yield from found.answers
            if on_progress is not None:
                on_progress(n_bytes)
        if on_progress is not None:
            on_progress(self.n_bytes)
        self.check_not_empty(n_answers, self.left_out)

    def blocks(self, n_rows: int) -> Iterator[Block]:
        """Cut the files with answers into blocks for `read_block`, in reading order.

        Args:
            n_rows: Rows of a block, at most; a blank line of a JSON Lines file counts too.

        Raises:
            InputError: If a file cannot be read as what its suffix says.
        """
        n_before = 0
        for path in self.answer_files:
            yield from _moved(cut(path, self.columns or ColumnNames(), n_rows), n_before)
            n_before += size_of(path)

    def failure_blocks(self, n_rows: int) -> Iterator[Block]:
        """Cut the file with failures, if there is one, into blocks for `read_block` and `AnswerKeys.new_failures`.

        Args:
            n_rows: Lines of a block, at most.

        Raises:
            InputError: If the file cannot be read.
        """
        if self.failure_file is not None:
            n_before = sum(size_of(path) for path in self.answer_files)
            yield from _moved(cut(self.failure_file, ColumnNames(), n_rows), n_before)

    def answer_format(self) -> AnswerFormat:
        """Give what a process must know to read a block."""
        return AnswerFormat.of(self.columns, self.items)

    def check_not_empty(self, n_answers: int, left_out: Mapping[str, int]) -> None:
        """Check that a corpus has answers.

        Args:
            n_answers: How many were read.
            left_out: Reason -> how many, of the same reading.

        Raises:
            InputError: If it has none.
        """
        if not n_answers:
            n_unknown = left_out.get(UNKNOWN_ITEM, 0)
            found = f"all {n_unknown} answers are to items that items.csv does not list" if n_unknown else "no answers"
            problem = f"{found}; a corpus needs at least one answer to one of its items"
            raise InputError(self.answer_files[0].parent, problem)

    def digest(self) -> str:
        """Give the SHA-256 of the corpus's content, the same wherever the corpus lies."""
        total = sha256()
        for path in (*self.other_files, *self._read_files):
            content = sha256()
            with opened(path) as file:
                while block := file.read(_DIGEST_BLOCK):
                    content.update(block)
            total.update(content.digest())
        return total.hexdigest()

    def _read_blocks(self) -> Iterator[tuple[int, BlockAnswers]]:
        answer_format = self.answer_format()
        keys = AnswerKeys(answer_format)
        for block in self.blocks(_N_ROWS):
            found = read_block(block, answer_format)
            keys.add(block, found.all_keys)
            yield block.n_bytes, found
        keys.check()
        for block in self.failure_blocks(_N_ROWS):
            yield block.n_bytes, keys.new_failures(read_block(block, answer_format))

    @property
    def _read_files(self) -> tuple[Path, ...]:
        return self.answer_files if self.failure_file is None else (*self.answer_files, self.failure_file)


def _moved(blocks: Iterator[Block], n_bytes_before: int) -> Iterator[Block]:
    return (block._replace(n_bytes=n_bytes_before + block.n_bytes) for block in blocks)
