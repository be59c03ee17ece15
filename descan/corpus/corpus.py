"""A corpus: its items in memory, its answers in blocks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import numpy as np

from descan.corpus.blocks import DROPPED_ITEM, UNKNOWN_ITEM, AnswerFormat, item_key, key_array
from descan.corpus.formats import Block, ColumnNames, cut
from descan.emotions import CategorySet
from descan.errors import InputError
from descan.lexicon import ProjectLexicon, load_category_set
from descan.records import DEFAULT_LANGUAGE, Item
from descan.storage.paths import CHANGED, identity, open_file, size_of
from descan.storage.scratch import Scratch

_DIGEST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Corpus:
    """Items with their gold, and where their answers are.

    Attributes:
        name: From `corpus.toml`, or else the name of the folder or file.
        items: Items by item_id, in the order of the file.
        answer_files: The files with answers, in order.
        language: Language of the answers, as a code such as `en`.
        source: Where the corpus comes from.
        licence: Licence of its texts.
        categories: The category set of gold and labels.
        aliases: Spelled label -> category.
        project: The project's own words, which change the lexicon.
        prompts: Mode -> the words that the models were asked with.
        dropped: The ids of items that are left out because their gold is.
        failure_file: The file with failed requests, if there is one. It comes after the answers; a failure counts only
            where no answer came in the end.
        witness_files: The files in which witnesses say which action units faces show.
        other_files: The files that describe the corpus: `corpus.toml` and `items.csv`, or none.
        columns: Column names of a bare table, or None for a folder.
        unread: Files among the answers that are not loaded, each with the reason.
        notes: How the files were read where that does not go without saying, a sentence each.
        sources: The files that the user named, if `answer_files` were converted from them.
        left_out: Repaired texts, counted in the conversion, and dropped items.
        scratch: Removes the converted files when the corpus goes.
    """

    name: str
    items: Mapping[str, Item]
    answer_files: tuple[Path, ...]
    language: str = DEFAULT_LANGUAGE
    source: str = ""
    licence: str = ""
    categories: CategorySet = field(default_factory=load_category_set)
    aliases: Mapping[str, str] = field(default_factory=dict)
    project: ProjectLexicon | None = None
    prompts: Mapping[str, str] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()
    failure_file: Path | None = None
    witness_files: tuple[Path, ...] = ()
    other_files: tuple[Path, ...] = ()
    columns: ColumnNames | None = None
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    sources: tuple[Path, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    scratch: Scratch | None = field(default=None, repr=False, compare=False)

    @property
    def folder(self) -> Path:
        """The folder that media paths are relative to: that of the corpus or table; of a frame the current one."""
        return Path.cwd() if self.scratch is not None and not self.sources else self._files[0].parent

    @property
    def n_bytes(self) -> int:
        """Total size of the files with answers and failures, the end of a progress bar."""
        return sum(size_of(path) for path in self._row_files)

    def blocks(self, n_rows: int) -> Iterator[Block]:
        """Cut the files with answers into blocks for `load_block`, in order.

        Args:
            n_rows: Largest number of rows in a block; a blank line of a JSON Lines file counts as a row here.

        Raises:
            InputError: If a file cannot be loaded in the format of its suffix.
        """
        n_before = 0
        for path in self.answer_files:
            yield from _shift(cut(path, self.columns or ColumnNames(), n_rows), n_before)
            n_before += size_of(path)

    def failure_blocks(self, n_rows: int) -> Iterator[Block]:
        """Cut the file with failures, if there is one, into blocks for `AnswerKeys.new_failures`, as `blocks` does."""
        if self.failure_file is not None:
            n_before = sum(size_of(path) for path in self.answer_files)
            yield from _shift(cut(self.failure_file, ColumnNames(), n_rows), n_before)

    def answer_format(self) -> AnswerFormat:
        """Return what a process must know to load a block."""
        items, dropped = (np.sort(key_array(map(item_key, ids))) for ids in (self.items, self.dropped))
        return AnswerFormat(self.columns, items, dropped)

    def check_not_empty(self, n_answers: int, left_out: Mapping[str, int]) -> None:
        """Check that any answers were loaded.

        Raises:
            InputError: If there are none; it says how many were left out, by `left_out` (reason to number).
        """
        if not n_answers:
            n_unknown, n_dropped = left_out.get(UNKNOWN_ITEM, 0), left_out.get(DROPPED_ITEM, 0)
            found = f"all {n_unknown} answers are to items that items.csv does not list" if n_unknown else "no answers"
            if n_dropped:
                found = f"all {n_unknown + n_dropped} answers are to items whose gold is dropped or that are not listed"
            problem = f"{found}; a corpus needs at least one answer to one of its items"
            raise InputError((self.sources or self.answer_files)[0].parent, problem)

    def check_unchanged(self, before: Sequence[object]) -> None:
        """Check that no file was written since `file_states` returned `before`.

        Raises:
            InputError: If one was.
        """
        for path, old, new in zip(self._files, before, self.file_states(), strict=True):
            if old != new:
                raise InputError(path, CHANGED)

    def file_states(self) -> tuple[object, ...]:
        """Return what changes when a file of the corpus is written again."""
        return tuple(identity(path) for path in self._files)

    def digest(self) -> str:
        """Return the SHA-256 of the corpus's content; it does not depend on where the corpus is."""
        total = sha256()
        for path in self._files:
            content = sha256()
            with open_file(path) as file:
                while block := file.read(_DIGEST_BYTES):
                    content.update(block)
            total.update(content.digest())
        return total.hexdigest()

    @property
    def _files(self) -> tuple[Path, ...]:
        return (*(self.sources or (*self.other_files, *self._row_files)), *self.witness_files)

    @property
    def _row_files(self) -> tuple[Path, ...]:
        return self.answer_files if self.failure_file is None else (*self.answer_files, self.failure_file)


def _shift(blocks: Iterator[Block], n_bytes_before: int) -> Iterator[Block]:
    return (block._replace(n_bytes=n_bytes_before + block.n_bytes) for block in blocks)
