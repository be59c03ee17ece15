"""Prediction tables of VLMEvalKit: `MODEL/.../MODEL_DATASET.xlsx`, .tsv or .json, one question a row.

Source: `infer_data_job` in vlmeval/inference.py and `dump` in vlmeval/smp/file.py,
https://github.com/open-compass/VLMEvalKit
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from string import ascii_uppercase

from descan.corpus.column_names import EMPTY_WORDS
from descan.corpus.importing.choices import find_choice
from descan.corpus.importing.log_files import Peek, load_objects, open_log_table
from descan.corpus.importing.log_options import LogOptions
from descan.corpus.importing.log_rows import LogRow, Remarks, find_field
from descan.records import Status

_FAILED = "Failed to obtain answer"
"""What every reply begins with that the tool did not get."""

_TEXT = "prediction"
_MEDIA = ("image_path", "video_path", "video")


def recognizes(seen: Peek) -> bool:
    """Tell whether a file is a prediction table of VLMEvalKit."""
    return {"index", _TEXT} <= seen.first.keys() and (seen.is_table or seen.is_list)


def read(paths: Sequence[Path], options: LogOptions, _: Remarks) -> Iterator[LogRow]:
    """Yield the predictions; letters of a choice become the choice."""
    for path in paths:
        model = _model_of(path)
        for line, cells in _load_rows(path):
            fields = {name: None if _is_empty(value) else value for name, value in cells.items()}
            choices = {letter: str(fields[letter]) for letter in ascii_uppercase if fields.get(letter) is not None}
            prompt = fields.get("question")
            known = {
                "item_id": fields.get("index"),
                "model": model,
                "gold": _to_choice(fields.get("answer"), choices),
                "media": next((fields[name] for name in _MEDIA if isinstance(fields.get(name), str)), None),
                **_reply_of(find_field(fields, options.text_column or _TEXT), choices),
            }
            yield LogRow(path, line, known, prompt if isinstance(prompt, str) else "", fields)


def _load_rows(path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    if path.suffix.lower() == ".json":
        return load_objects(path)
    table = open_log_table(path)
    return iter(table.stream(table.columns))


def _reply_of(reply: object, choices: Mapping[str, str]) -> dict[str, object]:
    if not isinstance(reply, str):
        return {"text": reply}
    if reply.lstrip().startswith(_FAILED):
        return {"text": "", "status": Status.FAILED, "finish_reason": reply.strip()}
    choice = find_choice(reply, choices)
    return {"text": reply} if choice is None else {"text": choice, "reply": reply}


def _to_choice(answer: object, choices: Mapping[str, str]) -> object:
    return choices.get(answer.strip(), answer) if isinstance(answer, str) else answer


def _is_empty(value: object) -> bool:
    return value is None or value != value or (isinstance(value, str) and (not value.strip() or value in EMPTY_WORDS))


def _model_of(path: Path) -> str | None:
    """Return the name of a folder above the table with which the table's own name begins."""
    parents = path.absolute().parents
    return next((parent.name for parent in parents if parent.name and path.name.startswith(f"{parent.name}_")), None)
