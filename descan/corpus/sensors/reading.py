"""Files of sensors and coders into a table of witnesses."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from descan.corpus.corpus_toml import load_settings
from descan.corpus.folder import WITNESSES_FOLDER
from descan.corpus.formats import list_columns
from descan.corpus.items import load_items
from descan.corpus.sensors.frames import Frame, FrameRule, Value, combine, main_face, parse_frame_rule
from descan.corpus.sensors.layouts import LAYOUTS, Layout
from descan.corpus.spellings import CategoryNames
from descan.errors import InputError, OptionError, explain_os_error, quote
from descan.records import Item
from descan.storage.atomic import replace_file

FORMATS = tuple(LAYOUTS)

_HEADER = ("item_id", "witness", "action_unit", "present", "intensity", "probability")
_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
_N_NAMED = 5


class ImportedWitnesses(NamedTuple):
    """What came of an import.

    Attributes:
        path: The file that was written.
        witness: The name of the witness.
        format: Of the files.
        n_items: Items that the witness tells of.
        n_units: Rows written.
        unmatched: Names of pictures, clips or frames that are no item, in order.
        without_face: Names in which no face was found.
    """

    path: Path
    witness: str
    format: str
    n_items: int
    n_units: int
    unmatched: tuple[str, ...]
    without_face: tuple[str, ...]


def import_witnesses(
    *paths: Path | str,
    corpus: Path | str,
    format: str | None = None,
    witness: str | None = None,
    frames: str = "peak",
    present_intensity: float = 1.0,
    present_probability: float = 0.5,
) -> ImportedWitnesses:
    """Add what a sensor or FACS coders see to the `witnesses/` of a corpus folder.

    A picture or clip is the item whose id or media path has its name, with or without folder and suffix.

    Args:
        paths: Files, or folders of files, of one format.
        corpus: The folder of the corpus.
        format: openface, pyfeat, libreface, disfa, ckplus or bp4d; None to find it out.
        witness: Name of the witness; None for that of the sensor.
        frames: How the frames of a clip become one: `peak` is the frame in which most is seen, `any` the greatest value
            of each unit, `share:0.3` what is seen in so many of them, and `each` makes an item of every frame, whose
            name is that of the clip, `_` and the number of the frame.
        present_intensity: For `share`: a unit is there from this intensity on.
        present_probability: The same of its probability.

    Raises:
        InputError: If a file is not what is allowed, or none is of a known format.
        OptionError: If an option is not allowed.
    """
    sources, folder = [Path(path) for path in paths], Path(corpus)
    settings, categories = load_settings(folder / "corpus.toml")
    items = load_items(folder / "items.csv", CategoryNames(categories, settings.labels))
    out = folder / WITNESSES_FOLDER
    out.mkdir(exist_ok=True)
    rule = parse_frame_rule(frames)
    if format is not None and format not in LAYOUTS:
        raise OptionError("format", f"must be one of {', '.join(FORMATS)}, not {quote(format)}")
    files = list(_list_files(sources))
    found = format or _find_format(files, sources)
    layout = LAYOUTS[found]
    name = witness or layout.witness
    chosen = [path for path in files if path.suffix.lower() in layout.suffixes and layout.has_name(path.stem)]
    known = _item_names(items)
    unmatched: list[str] = []
    without_face: list[str] = []
    told = Counter[str]()
    path = out / f"{re.sub(r'[^A-Za-z0-9._-]+', '-', name).strip('.-') or 'witness'}.csv"
    with replace_file(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_HEADER)
        for source, of_source in _frames_of(chosen, layout):
            if not of_source:
                without_face.append(source)
            for shown, together in _split(source, main_face(of_source), rule):
                item = known.get(_normal(shown))
                if item is None:
                    unmatched.append(shown)
                    continue
                if item in told:
                    raise InputError(path, f"item {quote(item)} has the frames of two sources; give one of them")
                units = combine(together, rule, present_intensity, present_probability)
                writer.writerows([item, name, unit, *_cells(value)] for unit, value in sorted(units.items()))
                told[item] = len(units)
    return ImportedWitnesses(path, name, found, len(told), told.total(), tuple(unmatched), tuple(without_face))


def describe_some(names: Sequence[str]) -> str:
    """Return the first names of a list, and how many more there are."""
    more = f" and {len(names) - _N_NAMED:,} more" if len(names) > _N_NAMED else ""
    return ", ".join(map(quote, names[:_N_NAMED])) + more


def _list_files(sources: Iterable[Path]) -> Iterator[Path]:
    for source in sources:
        try:
            if source.is_dir():
                yield from sorted(path for path in source.rglob("*") if path.is_file() and path.name[0] != ".")
            elif source.exists():
                yield source
            else:
                raise InputError(source, "there is no such file or folder")
        except OSError as error:
            raise explain_os_error(error, "cannot be read", source) from error


def _find_format(files: Sequence[Path], sources: Sequence[Path]) -> str:
    """Return the format of the first file that has one."""
    for path in files:
        for name, layout in LAYOUTS.items():
            if path.suffix.lower() not in layout.suffixes or not layout.has_name(path.stem):
                continue
            if layout.has_columns is None or layout.has_columns(frozenset(map(str.strip, list_columns(path)))):
                return name
    raise InputError(sources[0], f"no file is of a known format; use one of {', '.join(FORMATS)}")


def _frames_of(paths: Sequence[Path], layout: Layout) -> Iterator[tuple[str, list[Frame]]]:
    """Yield each picture, clip or recording with its frames; of coders, units in several files come together."""
    by_source: dict[str, list[Frame]] = {}
    for path in paths:
        of_file: dict[str, list[Frame]] = {}
        for frame in layout.read(path):
            of_file.setdefault(frame.source, []).append(frame)
        if not of_file:
            by_source.setdefault(path.stem, [])
        for source, frames in of_file.items():
            by_source[source] = _merge(by_source[source], frames) if source in by_source else frames
    yield from by_source.items()


def _merge(before: list[Frame], frames: list[Frame]) -> list[Frame]:
    """Put units of the same frames together."""
    more = {(frame.number, frame.face): frame.units for frame in frames}
    joined = [frame._replace(units={**frame.units, **more.pop((frame.number, frame.face), {})}) for frame in before]
    return [*joined, *(frame for frame in frames if (frame.number, frame.face) in more)]


def _split(source: str, frames: list[Frame], rule: FrameRule) -> Iterator[tuple[str, list[Frame]]]:
    if rule.name == "each":
        yield from ((f"{source}_{frame.number}", [frame]) for frame in frames)
    elif frames:
        yield source, frames


def _item_names(items: Mapping[str, Item]) -> dict[str, str]:
    """Return the items by every name that only one of them has."""
    names: dict[str, set[str]] = {}
    for item in items.values():
        for text in (item.item_id, item.media or ""):
            file = text.replace("\\", "/").rpartition("/")[2]
            for name in (text, file, file.rpartition(".")[0]):
                if name:
                    names.setdefault(_normal(name), set()).add(item.item_id)
    return {name: next(iter(owners)) for name, owners in names.items() if len(owners) == 1}


def _normal(name: str) -> str:
    """Return a name without the zeros before its numbers, which frames have in one place and lack in another."""
    return _ZEROS.sub("", name).casefold()


def _cells(value: Value) -> list[str]:
    return [f"{value.number:g}" if kind == value.kind else "" for kind in _HEADER[3:]]
