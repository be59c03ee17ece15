"""Outputs of MER-Factory: a JSON file a picture or clip, its CSV exports, and its MERR files.

Source: mer_factory/nodes/ and export.py, https://github.com/Lum1104/MER-Factory
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath

from descan.corpus.formats.json_lines import load_json
from descan.corpus.importing.log_files import Peek, open_log_table
from descan.corpus.importing.log_options import LogOptions
from descan.corpus.importing.log_rows import LogRow, Remarks, find_field
from descan.errors import InputError
from descan.records import Mode, Status

_TEXTS = ("final_summary", "llm_video_summary", "smp_reason_caption", "caption", "image_visual_description")
"""Descriptions, the most complete one first; the others are for `text_column`."""

_PEAKS = "chronological_emotion_peaks"
_KNOWN = {*_TEXTS, _PEAKS, "coarse_descriptions_at_peak", "audio_analysis", "llm_au_description"}
_NOTHING = "N/A"


def recognizes(seen: Peek) -> bool:
    """Tell whether a file is an output of MER-Factory."""
    first = seen.first
    if "source_path" in first and not seen.is_list:
        return bool(_KNOWN & first.keys())
    return not (seen.is_list or seen.is_table) and _is_merr(first)


def read(paths: Sequence[Path], options: LogOptions, remarks: Remarks) -> Iterator[LogRow]:
    """Yield the descriptions: of each picture or clip the summary, or the text that `text_column` names."""
    for path in paths:
        for n, name, entry in _load_entries(path):
            text = _text_of(entry, options.text_column)
            if text is None:
                there = "such column" if options.text_column else "description, only audio or action units"
                remarks.lose(f"the file has no {there}", path, n)
                continue
            source = entry.get("source_path")
            cells: dict[str, object] = {
                "item_id": name,
                "mode": Mode.DESCRIBE,
                "text": text.replace("\\n", "\n") if path.suffix.lower() == ".csv" and isinstance(text, str) else text,
                "media": source if isinstance(source, str) else None,
                "gold": entry.get("ground_truth_label"),
            }
            if text == _NOTHING:
                cells |= {"text": "", "status": Status.FAILED}
            if entry.get("ground_truth_label"):
                remarks.warn(
                    "texts whose model may have been told the gold label: MER-Factory gives it to the prompts of files "
                    "with ground_truth_label",
                    path,
                    n,
                )
            yield LogRow(path, n, cells, "", entry)


def _text_of(entry: Mapping[str, object], column: str | None) -> object:
    if column is not None:
        return find_field(entry, column)
    return next((entry[name] for name in _TEXTS if name in entry), None)


def _load_entries(path: Path) -> Iterator[tuple[int, str | None, Mapping[str, object]]]:
    """Yield number, name of the picture or clip, and what is said of it."""
    if path.suffix.lower() == ".csv":
        table = open_log_table(path)
        for line, cells in table.stream(table.columns):
            yield line, _stem(cells.get("source_path")), cells
        return
    found = load_json(path)
    if not isinstance(found, dict):
        raise InputError(path, "is no object; the output of MER-Factory is one")
    if "source_path" in found:
        yield 1, _stem(found["source_path"]), found
        return
    for n, (name, entry) in enumerate(found.items(), start=1):
        if isinstance(entry, dict):
            yield n, name, entry


def _is_merr(first: Mapping[str, object]) -> bool:
    entry = next(iter(first.values()), None)
    return isinstance(entry, dict) and "pseu_emotion" in entry


def _stem(source: object) -> str | None:
    """Return the name of a file without its suffix, of either system's paths."""
    if not isinstance(source, str):
        return None
    kind = PureWindowsPath if "\\" in source else PurePosixPath
    return kind(source).stem
