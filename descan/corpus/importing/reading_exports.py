"""Readings that people gave in Label Studio or Prodigy: each task says which description it shows.

Sources: `descan.corpus.importing.label_studio` has those of Label Studio; https://prodi.gy/docs/api-interfaces#choice
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from descan.corpus.formats.json_lines import stream_json
from descan.corpus.importing import label_studio
from descan.corpus.importing.json_fields import look_up, objects_at, text_at
from descan.corpus.importing.log_files import load_objects, peek
from descan.errors import InputError, quote

Cells = Mapping[str, object]
Export = Callable[[Path], Iterator[tuple[int, Cells]]]
"""Yields readings by the columns of a file of readings, each with its line or its place in the file."""

_OF_TASK = ("item_id", "model", "repeat")
_DESCRIBED = ("described", "read")
_PRODIGY_MARKS = frozenset({"_annotator_id", "_input_hash", "_session_id", "_task_hash"})


def find_export(path: Path, columns: Collection[str] | None) -> Export | None:
    """Find out whose export a file of readings is.

    Args:
        path: The file.
        columns: Its columns if it is CSV; None of JSON.

    Returns:
        None if it is a plain table.

    Raises:
        InputError: If the file cannot be read.
    """
    if columns is not None:
        return _label_studio_records if label_studio.is_flat(columns) else None
    seen = peek(path)
    if label_studio.recognizes(seen):
        return _label_studio_records if label_studio.is_flat(seen.first) else _label_studio_tasks
    if "answer" in seen.first and not _PRODIGY_MARKS.isdisjoint(seen.first):
        return _prodigy_tasks
    return load_objects if seen.is_list else None


def _label_studio_tasks(path: Path) -> Iterator[tuple[int, Cells]]:
    """Yield a reading of every annotation; one that was skipped, or chooses nothing, cannot tell."""
    for n, task in load_objects(path):
        for entry in objects_at(task, "annotations") + objects_at(task, "completions"):
            given = objects_at(entry, "result")
            chosen = {
                text_at(result, "from_name"): label_studio.value_of(result)
                for result in given
                if text_at(result, "type") in ("choices", "textarea")
            }
            controls = [text_at(result, "from_name") for result in given if result.get("type") == "choices"]
            control = _find_control(controls, path, n)
            is_skipped = entry.get("was_cancelled") or entry.get("skipped")
            yield (
                n,
                {
                    **_find_description(path, n, task.get("data")),
                    "reader": label_studio.annotator_of(entry),
                    "described": None if is_skipped or control is None else chosen[control],
                    "second": chosen.get("second"),
                    "note": chosen.get("note"),
                },
            )


def _find_control(controls: list[str], path: Path, n: int) -> str | None:
    """Return the control with what was read: the one that is named so, or else the only one."""
    named = [control for control in controls if control in _DESCRIBED]
    others = [control for control in controls if control != "second"]
    found = list(dict.fromkeys(named or others))
    if len(found) > 1:
        shown = ", ".join(map(quote, found))
        raise InputError(path, f"choices of {shown} are given; call the control of the reading 'described'", n)
    return found[0] if found else None


def _label_studio_records(path: Path) -> Iterator[tuple[int, Cells]]:
    """Yield the records of a CSV or JSON-MIN export, whose controls are columns."""
    for n, record in label_studio.load_rows(path):
        yield n, {"reader": label_studio.name_annotator(record.get("annotator")), **record}


def _prodigy_tasks(path: Path) -> Iterator[tuple[int, Cells]]:
    """Yield a reading of every task of the choice interface; one that was rejected or ignored cannot tell."""
    for n, task in ((row.line, row.cells) for row in stream_json(path)):
        given = task.get("accept")
        is_accepted = task.get("answer") == "accept"
        if is_accepted and not isinstance(given, list):
            raise InputError(path, "the task has no list 'accept'; export tasks of the choice interface", n)
        chosen = given if is_accepted and isinstance(given, list) else []
        if len(chosen) > 1:
            raise InputError(path, f"accept has {len(chosen)} choices; one is expected", n)
        yield (
            n,
            {
                **_find_description(path, n, {**task, **_object(task.get("meta"))}),
                "reader": text_at(task, "_annotator_id") or text_at(task, "_session_id"),
                "described": (chosen[0], _text_of_option(task, chosen[0])) if chosen else None,
            },
        )


def _text_of_option(task: Cells, chosen: object) -> object:
    return next((option.get("text") for option in objects_at(task, "options") if option.get("id") == chosen), None)


def _find_description(path: Path, n: int, fields: object) -> Cells:
    found = {name: look_up(fields, name) for name in _OF_TASK}
    missing = [name for name in ("item_id", "model") if found[name] is None]
    if missing:
        raise InputError(path, f"the task does not say which {' and '.join(missing)} it shows; put it into its data", n)
    return found


def _object(value: object) -> Cells:
    return value if isinstance(value, Mapping) else {}
