"""Rows of logs into items and answers: the one place that knows descan's columns, whatever the format."""

import math
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from descan.corpus.answers import UNNAMED_MODEL, AnswerParser
from descan.corpus.conversion import answer_cells
from descan.corpus.formats import Row
from descan.corpus.formats.rows import AMOUNT_COLUMNS, COUNT_COLUMNS
from descan.corpus.gold import DROPPED, GoldParser
from descan.corpus.importing.log_options import LogOptions
from descan.corpus.importing.log_rows import LogRow, Remarks, find_field
from descan.corpus.importing.media_places import MediaPlaces
from descan.corpus.spellings import CategoryNames, parse_aliases
from descan.corpus.stop_reasons import find_status
from descan.corpus.values import parse_amount, parse_count, parse_name
from descan.errors import InputError, quote
from descan.records import Answer, Item, Mode

KEPT_COLUMNS = ("finish_reason", "served_model", "request_id", "started_at", "media_sha256", "reply")
"""Columns of an answer that are kept as text and not read by an analysis."""

UNDECIDED = "nobody says what was asked for"

_MAX_PROMPTS = 1000


class MappedAnswer(NamedTuple):
    """An answer of a log.

    Attributes:
        path: The log.
        answer: The answer; its line is that in the log.
        cells: Its line in a file of answers.
    """

    path: Path
    answer: Answer
    cells: Mapping[str, object]


class RowMapper:
    """Maps the rows of logs; `check` after the last one.

    Attributes:
        items: The items so far; the media of those that are there are absolute paths.
        undecided: Items of answers whose mode nobody has said.
        undecided_models: The models of these answers, with their number.
        prompts: Mode, or None where it is unknown -> prompt -> number of answers.
        first_fields: The fields of the first row, for suggestions.
    """

    def __init__(self, options: LogOptions, remarks: Remarks, left_out: Counter[str]) -> None:
        """Start before the first row.

        Args:
            options: What the user says.
            remarks: Counts what is not taken.
            left_out: Counts repaired texts.
        """
        self.items: dict[str, Item] = {}
        self.undecided: dict[str, Item] = {}
        self.undecided_models = Counter[str]()
        self.prompts: dict[Mode | None, Counter[str]] = {}
        self.first_fields: Mapping[str, object] = {}
        self.media = MediaPlaces(options.media_folder)
        self._options = options
        self._remarks = remarks
        self._left_out = left_out
        self._parting = options.parting()
        self._id_pattern, self._group_pattern = options.patterns()
        categories = options.category_set()
        self._names = CategoryNames(categories, parse_aliases(options.aliases, categories))
        self._modes: dict[str, frozenset[Mode]] = {}
        self._golds: dict[Path, GoldParser] = {}
        self._hashes: dict[str, str] = {}

    def map_rows(self, rows: Iterable[LogRow]) -> Iterator[MappedAnswer]:
        """Yield the answers of rows.

        Raises:
            InputError: If an item has two golds, groups or media.
        """
        path = Path()
        mapped: deque[tuple[LogRow, dict[str, object], str | None]] = deque()

        def checked() -> Iterator[Row]:
            for row in rows:
                gold = self._gold_of(row)
                cells = self._map_row(row, gold)
                if cells is not None:
                    mapped.append((row, cells, gold))
                    yield Row(row.line, cells)

        for answer in AnswerParser(path, None, self._left_out).parse_rows(checked(), 0):
            row, cells, gold = mapped.popleft()
            self._add_item(self.items, answer.item_id, row, gold)
            kept = {name: cells[name] for name in (*KEPT_COLUMNS, "prompt_sha256", "imported_from") if name in cells}
            yield MappedAnswer(row.path, answer, answer_cells(answer) | kept)

    def check(self) -> None:
        """Check what only all rows can tell.

        Raises:
            InputError: If words of gold are unknown.
        """
        for golds in self._golds.values():
            try:
                golds.check()
            except InputError as error:
                raise InputError(error.path, f"{error.problem}; --no-gold leaves gold out", error.line) from error

    def _map_row(self, row: LogRow, gold: str | None) -> dict[str, object] | None:
        """Return the cells of an answer, or None if it is not taken."""
        if not self.first_fields:
            self.first_fields = row.fields
        named = self._name(row)
        if named is None:
            return None
        if gold == DROPPED:
            self._remarks.lose("the gold is to be dropped", row.path, row.line)
            return None
        mode = self._find_mode(row, named)
        if mode is None:
            if not self._parting.parts:
                self._remarks.lose(UNDECIDED, row.path, row.line)
                self.undecided_models[str(named["model"])] += 1
                self._add_item(self.undecided, str(named["item_id"]), row, gold)
            return None
        text = _to_text(row.cells.get("text"))
        if text is None:
            self._remarks.lose("the reply is not text", row.path, row.line)
            return None
        reason = row.cells.get("finish_reason")
        status = row.cells.get("status") or (find_status(reason) if isinstance(reason, str) else None)
        cells: dict[str, object] = {**named, "mode": mode.value, "text": text, "status": status and str(status)}
        cells["repeat"] = self._number("repeat", named.get("repeat") or row.cells.get("repeat"), row) or 0
        cells["repeat"] += self._options.first_repeat  # type: ignore[operator]
        for name in (*COUNT_COLUMNS, *AMOUNT_COLUMNS):
            if name != "repeat" and (value := self._number(name, row.cells.get(name), row)) is not None:
                cells[name] = value
        cells.update({name: row.cells[name] for name in KEPT_COLUMNS if _is_filled(row.cells.get(name))})
        if row.prompt:
            cells["prompt_sha256"] = self._hash(row.prompt)
        cells["imported_from"] = f"{row.path.name}:{row.line}"
        return cells

    def _name(self, row: LogRow) -> dict[str, object] | None:
        """Return item, model and what else the id of a row says; None if one is not allowed."""
        options = self._options
        item = row.cells.get("item_id") if options.id_column is None else find_field(row.fields, options.id_column)
        named: dict[str, object] = {"item_id": _to_name(item), "model": self._model_of(row)}
        if self._id_pattern is not None and isinstance(named["item_id"], str):
            match = self._id_pattern.fullmatch(named["item_id"])
            if match is None:
                self._remarks.lose("the id does not fit --id-pattern", row.path, row.line)
                return None
            named |= _read_id(match)
        for name in ("item_id", "model"):
            try:
                parse_name(named, name, row.path, row.line)
            except InputError:
                problem = f"{name} is missing, blank, not text or has control characters"
                self._remarks.lose(problem, row.path, row.line)
                return None
        return named

    def _model_of(self, row: LogRow) -> object:
        options = self._options
        if options.model is not None:
            return options.model
        model = row.cells.get("model") if options.model_column is None else find_field(row.fields, options.model_column)
        return _to_name(model) or UNNAMED_MODEL

    def _find_mode(self, row: LogRow, named: dict[str, object]) -> Mode | None:
        """Return the mode of a row; what has none, or more than one, is counted."""
        by_id = named.pop("mode", None)
        said = by_id or (None if self._parting.parts or self._parting.other else row.cells.get("mode"))
        if said is not None:
            mode = next((mode for mode in Mode if mode == said), None)
            if mode is None:
                self._remarks.lose("the mode is none that descan knows", row.path, row.line)
        else:
            found = self._modes.get(row.prompt)
            if found is None:
                found = self._modes[row.prompt] = self._parting.find(row.prompt)
            mode = next(iter(found)) if len(found) == 1 else None
            if len(found) > 1:
                self._remarks.lose("the prompt has the words of several modes", row.path, row.line)
            elif not found and self._parting.parts:
                self._remarks.lose("the prompt has none of the words of --prompt-contains", row.path, row.line)

        counts = self.prompts.setdefault(mode, Counter())
        if row.prompt in counts or len(counts) < _MAX_PROMPTS:
            counts[row.prompt] += 1
        return mode

    def _add_item(self, items: dict[str, Item], item_id: str, row: LogRow, gold: str | None) -> None:
        options = self._options
        group = _to_name(row.cells.get("group")) if options.group_column is None else None
        if options.group_column is not None:
            group = _to_name(find_field(row.fields, options.group_column))
        elif self._group_pattern is not None and (match := self._group_pattern.search(item_id)):
            group = match[1] if match.re.groups else match[0]
        media = row.cells.get("media") if options.media_column is None else find_field(row.fields, options.media_column)
        media = media if isinstance(media, str) and media.strip() and media.isprintable() else None
        found = {"gold": gold, "group": group or None, "media": media}
        item = items.get(item_id)
        if item is None:
            place = None if media is None else self.media.find(media, row.path)
            items[item_id] = Item(item_id, gold, group or None, place)
        elif new := self._find_missing(item, found, row):
            items[item_id] = replace(
                item,
                gold=new.get("gold", item.gold),
                group=new.get("group", item.group),
                media=new.get("media", item.media),
            )

    def _find_missing(self, item: Item, found: Mapping[str, str | None], row: LogRow) -> dict[str, str]:
        """Return what an item lacks; refuse what contradicts it."""
        new: dict[str, str] = {}
        for name, value in found.items():
            old = getattr(item, name)
            if value is None:
                continue
            if old is None:
                new[name] = self.media.find(value, row.path) if name == "media" else value
            elif _essence(name, old) != _essence(name, value):
                problem = f"item {quote(item.item_id)} has {name} {quote(old)} and {quote(value)}"
                raise InputError(row.path, f"{problem}; {_MENDS[name]}", row.line)
        return new

    def _gold_of(self, row: LogRow) -> str | None:
        options = self._options
        if not options.gold:
            return None
        golds = self._golds.get(row.path)
        if golds is None:
            golds = self._golds[row.path] = GoldParser(row.path, "gold", self._names, options.drop_gold)
        gold = row.cells.get("gold") if options.gold_column is None else find_field(row.fields, options.gold_column)
        if isinstance(gold, float) and math.isnan(gold):
            return None
        return golds.parse({"gold": gold}, row.line)

    def _number(self, name: str, value: object, row: LogRow) -> float | int | None:
        """Return a number that a log gives beside an answer; one that is not allowed is counted and left out."""
        if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value):
            value = int(value)
        try:
            return (parse_amount if name in AMOUNT_COLUMNS else parse_count)({name: value}, name, row.path, row.line)
        except InputError:
            self._remarks.lose(f"{name} is not a number from 0; the answer is taken without it", row.path, row.line)
            return None

    def _hash(self, prompt: str) -> str:
        found = self._hashes.get(prompt)
        if found is None:
            found = sha256(prompt.encode("utf-8", "replace")).hexdigest()
            if len(self._hashes) < _MAX_PROMPTS:
                self._hashes[prompt] = found
        return found


_MENDS: Mapping[str, str] = {
    "gold": "give an item one gold label",
    "group": "give an item one group",
    "media": "if these are two items, import them into two corpora, or name their ids with --id-column",
}


def _read_id(match: re.Match[str]) -> dict[str, object]:
    """Return what the named groups of `id_pattern` say."""
    named = {name: value for name, value in match.groupdict().items() if value is not None}
    item = named.pop("item", None) or (match[1] if match.re.groups else match[0])
    return {"item_id": item, **{name: named[name] for name in ("mode", "repeat", "model") if name in named}}


def _essence(name: str, value: str) -> str:
    """Return what must be equal in two values: of media only the name of the file, which may be found in two ways."""
    return re.split(r"[\\/]", value)[-1] if name == "media" else value


def _to_name(value: object) -> str | None:
    """Return an identifier as text: whole numbers are ids, too; None for what is none."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def _to_text(value: object) -> str | None:
    """Return a reply as text, empty if there is none; None for what is no text."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return value if isinstance(value, str) else None


def _is_filled(value: object) -> bool:
    return isinstance(value, str) and bool(value)
