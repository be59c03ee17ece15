"""What a corpus already holds, found in one pass over its answers and failures."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from descan.collect.store.answers_file import Kind, known_cost
from descan.collect.store.line_files import has_torn_line
from descan.corpus.folder import find_answers
from descan.corpus.folder_writing import LOCK_FILE
from descan.corpus.formats import ColumnNames, stream_rows
from descan.errors import InputError, quote
from descan.records import Mode
from descan.storage.folder_lock import is_locked

_MODES: Mapping[object, Mode] = MappingProxyType({mode.value: mode for mode in Mode})
_N_DIGITS = 15
"""Hexadecimal digits of a media hash that are remembered: 60 bits fit a signed 64-bit number."""


class State(IntEnum):
    """What the corpus holds for one question; one byte each, so that hundreds of thousands need little memory."""

    OPEN = 0
    ANSWERED = 1
    FAILED = 2
    """Because of the item itself: asking again would fail again."""
    RETRYABLE = 3
    PENDING = 4
    """In a batch that is not over."""


class Recipe(NamedTuple):
    """How a question was asked: answers with the same recipe are comparable."""

    prompt_sha256: str
    params_sha256: str
    way: str = ""
    """Of mode `decide`: how the questions were put."""


@dataclass(slots=True)
class Amount:
    """A count of tokens, summed over answers."""

    total: int = 0
    squares: int = 0

    def add(self, n: int) -> None:
        """Count the tokens of one answer."""
        self.total += n
        self.squares += n * n

    def variance(self, n_counted: int) -> float:
        """Return the variance between so many answers, as one of a sample; 0 of a single one."""
        return max(0.0, self.squares - self.total**2 / n_counted) / max(1, n_counted - 1)


@dataclass(slots=True)
class Usage:
    """What the answers of a series have used: the basis of estimates."""

    n_counted: int = 0
    input: Amount = field(default_factory=Amount)
    output: Amount = field(default_factory=Amount)
    """Without thinking."""

    thinking: Amount = field(default_factory=Amount)
    cached_tokens: int = 0

    def add(self, cells: Mapping[str, object]) -> None:
        """Count one answer, unless its tokens are unknown or it is a copy."""
        n_in, n_out, n_thought = cells.get("input_tokens"), cells.get("output_tokens"), cells.get("thinking_tokens")
        if isinstance(n_in, int) and isinstance(n_out, int) and "copied_from" not in cells:
            self.n_counted += 1
            self.input.add(n_in)
            self.output.add(n_out)
            self.thinking.add(n_thought if isinstance(n_thought, int) else 0)
            n_cached = cells.get("cached_tokens")
            self.cached_tokens += n_cached if isinstance(n_cached, int) else 0


@dataclass(slots=True)
class Series:
    """The answers under one name in one mode.

    Attributes:
        answered: By repeat, one byte per item: 1 where there is an answer.
        recipes: Of its answers, in the order of the file; what descan has written has only one.
        n_answers: Of any item.
    """

    answered: dict[int, bytearray]
    recipes: dict[Recipe, None] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    n_answers: int = 0


class ExistingAnswers:
    """What a corpus already holds for the items of a run.

    Attributes:
        series: By the model's name in the corpus, and the label of the prompt: `MODE`, or `MODE:NAME`.
        n_raw: Bytes of the raw bodies that lines refer to.
        cost_usd: What the corpus has cost, as far as prices are known.
        served: By the model's name in the corpus: the model that answered first, in its provider's words.
    """

    def __init__(self, item_ids: Sequence[str]) -> None:
        """Start with nothing.

        Args:
            item_ids: The items of the run.
        """
        new_column = partial(bytearray, len(item_ids))
        self.series: dict[tuple[str, str], Series] = defaultdict(lambda: Series(defaultdict(new_column)))
        self.n_raw = 0
        self.cost_usd = 0.0
        self.served: dict[str, str] = {}
        self._rows = {item_id: row for row, item_id in enumerate(item_ids)}
        self._media = array("q", bytes(8 * len(item_ids)))
        self._failed: dict[tuple[str, str, int, Recipe], bytearray] = defaultdict(new_column)

    def names(self) -> list[str]:
        """List the models of the corpus in the order of the files."""
        return list(dict.fromkeys(name for name, _ in self.series))

    def answered_modes(self, name: str) -> frozenset[Mode]:
        """Return the modes in which there are answers under a name."""
        return frozenset(
            Mode(label.partition(":")[0])
            for (other, label), series in self.series.items()
            if other == name and series.n_answers
        )

    def states(self, name: str, label: str, repeat: int, recipe: Recipe) -> bytearray:
        """Return the `State` of every item under a name, one byte each. Length: n_items.

        Failures with another recipe do not count, since they say nothing about this one. `label` is that of the prompt.
        """
        nothing = bytes(len(self._media))
        series = self.series.get((name, label))
        answered = series.answered.get(repeat, nothing) if series else nothing
        failed = self._failed.get((name, label, repeat, recipe), nothing)
        return bytearray(a or f for a, f in zip(answered, failed, strict=True))

    def has_changed(self, row: int, media_sha256: str) -> bool:
        """Return whether an item was answered with another picture or clip than this one; remember this one.

        Args:
            row: The item's index in the run.
            media_sha256: Of its file.
        """
        known, found = self._media[row], int(media_sha256[:_N_DIGITS], 16)
        if not known:
            self._media[row] = found
        return known not in (0, found)

    def media_start(self, row: int) -> str | None:
        """Return the first 15 digits of the hash with which an item was answered, or None if it was not."""
        return f"{self._media[row]:0{_N_DIGITS}x}" if self._media[row] else None

    def add_file(self, path: Path, kind: Kind) -> None:
        """Add the lines of one file.

        Raises:
            InputError: If a line is not valid; all lines before it have been added.
        """
        for line in stream_rows(path, ColumnNames()):
            cells = line.cells
            if "raw" in cells:
                self._add_places(cells["raw"], path, line.line)
            if kind is Kind.ANSWER:
                self._add_answer(cells, path, line.line)
            elif kind is Kind.FAILURE:
                self._add_failure(cells, path, line.line)

    def add_pending(self, cells: Mapping[str, object], path: Path) -> None:
        """Add a question of a batch that is not over.

        Args:
            cells: Of the future answer.
            path: Where they come from, for error messages.

        Raises:
            InputError: If they are not what descan writes.
        """
        item_id, name, label, repeat = _key(cells, path, 0)
        recipe = _recipe(cells)
        self.series[name, label].recipes[recipe] = None
        row = self._rows.get(item_id)
        if row is not None:
            self._failed[name, label, repeat, recipe][row] = State.PENDING

    def _add_answer(self, cells: Mapping[str, object], path: Path, line: int) -> None:
        item_id, name, label, repeat = _key(cells, path, line)
        series = self.series[name, label]
        series.recipes[_recipe(cells)] = None
        series.usage.add(cells)
        series.n_answers += 1
        self.cost_usd += known_cost(cells)
        if name not in self.served and isinstance(served := cells.get("served_model"), str):
            self.served[name] = served
        row = self._rows.get(item_id)
        if row is not None:
            series.answered[repeat][row] = State.ANSWERED
            self._add_media(row, cells.get("media_sha256"))

    def _add_failure(self, cells: Mapping[str, object], path: Path, line: int) -> None:
        item_id, name, label, repeat = _key(cells, path, line)
        self.cost_usd += known_cost(cells)
        row = self._rows.get(item_id)
        if row is not None:
            state = State.RETRYABLE if cells.get("retryable") is True else State.FAILED
            self._failed[name, label, repeat, _recipe(cells)][row] = state

    def _add_media(self, row: int, media_sha256: object) -> None:
        if isinstance(media_sha256, str):
            try:
                self._media[row] = int(media_sha256[:_N_DIGITS], 16)
            except ValueError:
                return  # From another collector, which hashes in another way.

    def _add_places(self, places: object, path: Path, line: int) -> None:
        try:
            offset, length = places[-1]  # type: ignore[index]
            self.n_raw = max(self.n_raw, int(offset) + int(length))
        except (IndexError, KeyError, TypeError, ValueError):
            problem = f"raw {quote(places)} is not allowed; use a list of [offset, length]"
            raise InputError(path, problem, line) from None


def load_existing_answers(folder: Path, item_ids: Sequence[str], *, may_be_torn: bool = False) -> ExistingAnswers:
    """Load what a corpus holds for the items of a run.

    Args:
        folder: The corpus, which need not exist.
        item_ids: The items of the run.
        may_be_torn: Skip the last line of a file if it is cut off; the files have not been repaired.

    Raises:
        InputError: If a line is not valid.
    """
    existing = ExistingAnswers(item_ids)
    for path, kind in _files(folder):
        try:
            existing.add_file(path, kind)
        except InputError:
            if not (may_be_torn and is_unfinished(path)):
                raise
    return existing


def is_unfinished(path: Path) -> bool:
    """Return whether the last line of a file was cut off, or a collector may be writing one."""
    return path.suffix == ".jsonl" and (has_torn_line(path) or is_locked(path.parent, LOCK_FILE))


def _files(folder: Path) -> Iterable[tuple[Path, Kind]]:
    for path in find_answers(folder) if folder.is_dir() else ():
        yield path, Kind.ANSWER
    for kind in (Kind.FAILURE, Kind.STAGE):
        if (folder / kind).is_file():
            yield folder / kind, kind


def label_prompt(mode: str, name: str) -> str:
    """Return a mode with the name of one of its prompts, as in `describe:short`; the mode alone without a name."""
    return f"{mode}:{name}" if name else str(mode)


def _key(cells: Mapping[str, object], path: Path, line: int) -> tuple[str, str, str, int]:
    item_id, name, repeat = cells.get("item_id"), cells.get("model"), cells.get("repeat") or 0
    mode = _MODES.get(cells.get("mode"))
    if not isinstance(item_id, str) or not isinstance(name, str) or mode is None or not isinstance(repeat, int):
        found = f"item_id {quote(item_id)}, model {quote(name)}, mode {quote(cells.get('mode'))}"
        problem = f"{found}, repeat {quote(repeat)} is not the key of an answer; see descan docs collect"
        raise InputError(path, problem, line)
    return item_id, name, label_prompt(mode.value, str(cells.get("prompt") or "")), repeat


def _recipe(cells: Mapping[str, object]) -> Recipe:
    found = (cells.get(name) for name in ("prompt_sha256", "params_sha256", "way"))
    return Recipe(*(part if isinstance(part, str) else "" for part in found))
