"""A corpus: its items in memory, its answers as a stream."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from descan.corpus.answers import UNKNOWN_ITEM, AnswerReader
from descan.corpus.rows import ColumnNames, read_rows
from descan.errors import InputError
from descan.records import Answer, Item

_N_ROWS_PER_CALL = 256
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
        return sum(path.stat().st_size for path in self._read_files)

    def answers(self, on_progress: Callable[[int], None] | None = None) -> Iterator[Answer]:
        """Stream the answers, file by file in reading order; `left_out` starts again from nothing.

        Args:
            on_progress: Is told now and then how many bytes of `n_bytes` are read, and at the end.

        Raises:
            InputError: If a row is not allowed, an answer occurs twice, or no answer is left.
        """
        self.left_out.clear()
        reader = AnswerReader(self.columns, self.left_out)
        n_answers, n_bytes_before = 0, 0
        for path in self._read_files:
            reads_failures = path == self.failure_file
            for n_rows, row in enumerate(read_rows(path, self.columns or ColumnNames())):
                for answer in reader.read_row(row, path, keeps_first=reads_failures):
                    if answer.item_id in self.items:
                        n_answers += 1
                        yield answer
                    else:
                        self.left_out[UNKNOWN_ITEM] += 1
                if on_progress is not None and n_rows % _N_ROWS_PER_CALL == 0:
                    on_progress(n_bytes_before + row.n_bytes)
            n_bytes_before += path.stat().st_size
            if on_progress is not None:
                on_progress(n_bytes_before)
        if not n_answers:
            raise InputError(self.answer_files[0].parent, self._say_empty())

    def digest(self) -> str:
        """Give the SHA-256 of the corpus's content, the same wherever the corpus lies."""
        total = sha256()
        for path in (*self.other_files, *self._read_files):
            content = sha256()
            with path.open("rb") as file:
                while block := file.read(_DIGEST_BLOCK):
                    content.update(block)
            total.update(content.digest())
        return total.hexdigest()

    @property
    def _read_files(self) -> tuple[Path, ...]:
        return self.answer_files if self.failure_file is None else (*self.answer_files, self.failure_file)

    def _say_empty(self) -> str:
        n_unknown = self.left_out[UNKNOWN_ITEM]
        found = f"all {n_unknown} answers are to items that items.csv does not list" if n_unknown else "no answers"
        return f"{found}; a corpus needs at least one answer to one of its items"
