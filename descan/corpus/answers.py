"""Rows into answers: each cell is checked, each answer has a status."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from descan.corpus.column_names import bare_cells
from descan.corpus.formats import ColumnNames, Row
from descan.corpus.formats.rows import PARAMS_COLUMN
from descan.corpus.prompts import N_DIGITS, parse_prompt
from descan.corpus.spellings import spell_cell
from descan.corpus.values import parse_amount, parse_count, parse_name
from descan.errors import InputError, quote
from descan.lexicon import UNDETERMINED, parse_language
from descan.records import Answer, Mode, Status

REPAIRED_TEXT = "repaired_text"
UNNAMED_MODEL = "unnamed"

_Choice = TypeVar("_Choice", Mode, Status)

_MODES: Mapping[str, Mode] = MappingProxyType({mode.value: mode for mode in Mode})
_STATUSES: Mapping[str, Status] = MappingProxyType({status.value: status for status in Status})
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


class AnswerParser:
    """Turns the rows of a table into answers."""

    def __init__(
        self, path: Path, columns: ColumnNames | None, left_out: Counter[str], model: str = UNNAMED_MODEL
    ) -> None:
        """Start before the first row.

        Args:
            path: The file, for error messages.
            columns: Column names of a bare table, or None for the files of a folder, where `item_id`, `model`, `mode`
                and `text` are required.
            left_out: Counts repaired texts.
            model: The model of the rows of a bare table that name none.
        """
        self._model = model
        self._path = path
        self._columns = columns or ColumnNames()
        self._is_bare = columns is not None
        self._left_out = left_out
        self._has_prompt = columns is None or "prompt" not in (columns.text, columns.label, columns.item_id)

    def parse_rows(self, rows: Iterable[Row], n_before: int) -> Iterator[Answer]:
        """Yield the answers of rows: one a row, or two where the label cell of a bare table is filled.

        `n_before` rows of the file come before these.

        Raises:
            InputError: If a cell is not allowed.
        """
        path = self._path
        for n, (line, cells) in enumerate(rows, start=n_before + 1):
            if self._is_bare:
                cells = bare_cells(cells, self._columns)
                item_id = bare_item_id(cells, self._columns, n, path, line)
            else:
                item_id = parse_name(cells, "item_id", path, line)
            if self._is_bare and self._columns.text not in cells and self._columns.label in cells:
                yield self._parse_label_only(cells, item_id, path, line)
                continue
            answer = self._parse_answer(cells, item_id, path, line)
            yield answer
            if self._is_bare and answer.mode is Mode.DESCRIBE:
                label = cells.get(self._columns.label)
                text = "" if label is None else self._parse_label(label, self._columns.label, path, line)
                if text.strip():
                    yield Answer(
                        answer.item_id,
                        answer.model,
                        Mode.CLASSIFY,
                        text,
                        repeat=answer.repeat,
                        line=line,
                        language=answer.language,
                        prompt=answer.prompt,
                    )

    def _parse_answer(self, cells: Mapping[str, object], item_id: str, path: Path, line: int) -> Answer:
        model = self._parse_model(cells, path, line)
        mode = self._parse_mode(cells, path, line)
        status = _parse_choice(cells, "status", _STATUSES, path, line)
        value = cells.get(self._columns.text)
        if value is None:
            self._check_missing_text(cells, status, path, line)
            text = ""
        else:
            parse = self._parse_text if mode is Mode.DESCRIBE else self._parse_label
            text = parse(value, self._columns.text, path, line)
        if status in (None, Status.OK):
            status = Status.EMPTY if not text or text.isspace() else Status.OK
        return Answer(
            item_id=item_id,
            model=model,
            mode=mode,
            text=text,
            status=status or Status.OK,
            repeat=parse_count(cells, "repeat", path, line) or 0,
            latency_s=parse_amount(cells, "latency_s", path, line),
            input_tokens=parse_count(cells, "input_tokens", path, line),
            output_tokens=parse_count(cells, "output_tokens", path, line),
            thinking_tokens=parse_count(cells, "thinking_tokens", path, line),
            cost_usd=parse_amount(cells, "cost_usd", path, line),
            retries=parse_count(cells, "retries", path, line),
            waited_s=parse_amount(cells, "waited_s", path, line),
            line=line,
            language=_parse_language(cells, path, line),
            prompt=parse_prompt(cells) if self._has_prompt else None,
            params=_parse_params(cells),
        )

    def _parse_label_only(self, cells: Mapping[str, object], item_id: str, path: Path, line: int) -> Answer:
        """Parse a row of a table without descriptions."""
        label = self._columns.label
        cells = {**cells, "mode": cells.get("mode") or Mode.CLASSIFY.value, self._columns.text: cells[label]}
        return self._parse_answer(cells, item_id, path, line)

    def _parse_model(self, cells: Mapping[str, object], path: Path, line: int) -> str:
        if self._is_bare and cells.get(self._columns.model) is None:
            return self._model
        return parse_name(cells, self._columns.model, path, line)

    def _parse_mode(self, cells: Mapping[str, object], path: Path, line: int) -> Mode:
        mode = _parse_choice(cells, "mode", _MODES, path, line)
        if mode is None and not self._is_bare:
            raise InputError(path, f"mode is missing; use one of {', '.join(_MODES)}", line)
        return mode or Mode.DESCRIBE

    def _check_missing_text(self, cells: Mapping[str, object], status: Status | None, path: Path, line: int) -> None:
        column = self._columns.text
        if status not in (None, Status.OK) or (self._is_bare and column in cells):
            return
        found = "is null" if column in cells else f"is missing; the row has {', '.join(map(quote, cells)) or 'nothing'}"
        raise InputError(path, f"{column} {found}; only an answer whose status is not ok may lack it", line)

    def _parse_label(self, value: object, column: str, path: Path, line: int) -> str:
        """Parse a classify answer, which may be the number of a class."""
        number = spell_cell(value)
        return self._parse_text(value if number is None else number, column, path, line)

    def _parse_text(self, value: object, column: str, path: Path, line: int) -> str:
        if self._is_bare and isinstance(value, dict | list) and value:
            inner = f"{column}.{0 if isinstance(value, list) else next(iter(value))}"
            raise InputError(path, f"{column} {quote(value)} is nested; name what is in it, such as {inner}", line)
        if not isinstance(value, str):
            raise InputError(path, f"{column} {quote(value)} is not a string; use a string", line)
        if value.isascii():
            return value
        try:
            value.encode()
        except UnicodeEncodeError:
            self._left_out[REPAIRED_TEXT] += 1
            return _LONE_SURROGATE.sub("\ufffd", value)
        return value


def bare_item_id(cells: Mapping[str, object], columns: ColumnNames, n: int, path: Path, line: int) -> str:
    """Return the item of the n-th row (1-based) of a bare table: its id, or `row-n` if there is no such column."""
    if columns.item_id not in cells:
        return f"row-{n}"
    return parse_name(cells, columns.item_id, path, line)


def _parse_language(cells: Mapping[str, object], path: Path, line: int) -> str | None:
    value = cells.get("language")
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise InputError(path, f"language {quote(value)} is not a string; use an ISO 639-1 code such as en", line)
    try:
        language = parse_language(value)
    except InputError as error:
        raise InputError(path, error.problem, line) from error
    return None if language == UNDETERMINED else language


def _parse_params(cells: Mapping[str, object]) -> str | None:
    digest = cells.get(PARAMS_COLUMN)
    return digest[:N_DIGITS] if isinstance(digest, str) and digest else None


def _parse_choice(
    cells: Mapping[str, object], column: str, choices: Mapping[str, _Choice], path: Path, line: int
) -> _Choice | None:
    value = cells.get(column)
    if value is None:
        return None
    choice = choices.get(value) if isinstance(value, str) else None
    if choice is None:
        raise InputError(path, f"{column} {quote(value)} is unknown; use one of {', '.join(choices)}", line)
    return choice
