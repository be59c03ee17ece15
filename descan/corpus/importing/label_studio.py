"""Exports of Label Studio: JSON, JSON-MIN and CSV; annotators and the models of predictions are the models.

Sources: src/label_studio_sdk/converter/, https://github.com/HumanSignal/label-studio-sdk;
https://labelstud.io/guide/export
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import orjson

from descan.corpus.importing.json_fields import look_up, objects_at, text_at
from descan.corpus.importing.log_files import Peek, load_objects, open_log_table
from descan.corpus.importing.log_options import LogOptions
from descan.corpus.importing.log_rows import LogRow, Remarks
from descan.errors import InputError, quote
from descan.records import Mode

_BOOKKEEPING = frozenset(
    {"agreement", "annotation_id", "annotator", "created_at", "history", "id", "lead_time", "updated_at"}
)
_FLAT = {"annotator", "annotation_id", "lead_time"}
_MEDIA = ("image", "video", "img", "image_url", "video_url")
_MODES = {"choices": Mode.CLASSIFY, "textarea": Mode.DESCRIBE}
"""What a control of Label Studio asks for, by its type."""

_VALUES = {"choices": "choices", "textarea": "text"}
"""The key under which a result of that type has what was given."""


def recognizes(seen: Peek) -> bool:
    """Tell whether a file is an export of Label Studio."""
    first = seen.first
    if seen.is_list and isinstance(first.get("data"), dict) and ("annotations" in first or "completions" in first):
        return True
    return (seen.is_list or seen.is_table) and is_flat(first)


def is_flat(columns: Iterable[str]) -> bool:
    """Tell whether columns are those of a JSON-MIN or CSV export."""
    return set(columns) >= _FLAT


def read(paths: Sequence[Path], options: LogOptions, remarks: Remarks) -> Iterator[LogRow]:
    """Yield what annotators and predictions say of every task.

    Raises:
        InputError: If the columns of a JSON-MIN or CSV export are not named, which alone do not tell what they are.
    """
    for path in paths:
        entries = list(load_rows(path))
        if any(isinstance(entry.get("data"), dict) for _, entry in entries):
            rows = (row for n, task in entries for row in _rows_of_task(path, n, task, remarks))
            yield from (row for row in rows if row.prompt != options.gold_column)
        else:
            named = _name_columns(path, {name: None for _, entry in entries for name in entry}, options)
            for n, record in entries:
                yield from _rows_of_record(path, n, record, named, remarks)


def load_rows(path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Yield the tasks or records of an export, with their line or place in the file."""
    if path.suffix.lower() == ".json":
        return load_objects(path)
    table = open_log_table(path)
    return iter(table.stream(table.columns))


def _rows_of_task(path: Path, n: int, task: Mapping[str, object], remarks: Remarks) -> Iterator[LogRow]:
    data = task.get("data")
    fields = data if isinstance(data, Mapping) else {}
    annotations = objects_at(task, "annotations") + objects_at(task, "completions")
    results = [(annotator_of(entry), entry) for entry in annotations]
    results += [(text_at(entry, "model_version") or "prediction", entry) for entry in objects_at(task, "predictions")]
    for model, entry in results:
        if entry.get("was_cancelled") or entry.get("skipped"):
            remarks.lose("the annotation was skipped by its annotator", path, n)
            continue
        given = [result for result in objects_at(entry, "result") if result.get("type") in _MODES]
        by_name = {text_at(result, "from_name"): value_of(result) for result in given}
        for result in given:
            name = text_at(result, "from_name")
            if by_name[name] in (None, ""):
                remarks.lose(f"nothing is given in {quote(name)}", path, n)
                continue
            cells = {
                "item_id": task.get("id"),
                "model": model,
                "mode": _MODES[text_at(result, "type")],
                "text": by_name[name],
                "media": _media_of(fields),
                "started_at": text_at(entry, "created_at"),
            }
            yield LogRow(path, n, cells, name, {**fields, **by_name, "id": task.get("id")})
        if not given:
            remarks.lose("the annotation has neither choices nor text", path, n)
    if not results:
        remarks.lose("the task has no annotation", path, n)


def _name_columns(path: Path, columns: Iterable[str], options: LogOptions) -> dict[str, Mode]:
    """Return the columns that the user names, with what they hold."""
    named = {options.text_column: Mode.DESCRIBE, options.label_column: Mode.CLASSIFY}
    found = {name: mode for name, mode in named.items() if name is not None}
    shown = ", ".join(quote(name) for name in columns if name not in _BOOKKEEPING)
    if not found:
        problem = "name the column with labels (--label-column), the one with descriptions (--text-column), or both"
        raise InputError(path, f"{problem}; the columns are {shown}")
    for name in found:
        if name not in columns:
            raise InputError(path, f"no column {quote(name)}; the columns are {shown}")
    return found


def _rows_of_record(
    path: Path, n: int, record: Mapping[str, object], named: Mapping[str, Mode], remarks: Remarks
) -> Iterator[LogRow]:
    for column, mode in named.items():
        text = _join(record.get(column))
        if text in (None, ""):
            remarks.lose(f"nothing is given in {quote(column)}", path, n)
            continue
        cells = {
            "item_id": record.get("id"),
            "model": name_annotator(record.get("annotator")),
            "mode": mode,
            "text": text,
            "media": _media_of(record),
            "started_at": record.get("created_at"),
        }
        yield LogRow(path, n, cells, column, record)


def annotator_of(entry: Mapping[str, object]) -> str:
    """Return the name of who made an annotation."""
    by = entry.get("completed_by")
    return name_annotator(text_at(by, "email") or look_up(by, "id") if isinstance(by, Mapping) else by)


def name_annotator(by: object) -> str:
    """Return the name of an annotator by e-mail address or number."""
    name = str(int(by)) if isinstance(by, float) and by.is_integer() else str(by or "unknown")
    return f"annotator {name}" if name.isdecimal() or name == "unknown" else name


def value_of(result: Mapping[str, object]) -> object:
    """Return what was given in one control as text."""
    return _join(look_up(result, "value", _VALUES[text_at(result, "type")]))


def _join(value: object) -> object:
    """Return what was given as one text: several texts as paragraphs, several choices as a list of words."""
    if isinstance(value, str) and value.startswith(("[", "{")):
        try:
            value = orjson.loads(value)
        except ValueError:
            return value
    if isinstance(value, Mapping):
        value = value.get("choices") or value.get("text")
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value) if all(len(each.split()) == 1 for each in value) else "\n\n".join(value)
    return value


def _media_of(data: Mapping[str, object]) -> object:
    return next((data[name] for name in _MEDIA if isinstance(data.get(name), str)), None)
