"""The folder of a corpus, apart from its answers: created, or checked and extended, by one program at a time."""

import csv
import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import tomli_w

from descan.corpus.corpus_toml import CorpusSettings, load_settings
from descan.corpus.items import load_items
from descan.corpus.spellings import CategoryNames
from descan.corpus.values import parse_name
from descan.emotions import CategorySet
from descan.errors import InputError, explain_os_error, quote
from descan.lexicon import category_set_record, fold_spelling, load_category_set, set_names
from descan.media.face_boxes import FaceBox, parse_face_box
from descan.media.media_files import SUFFIXES
from descan.records import Item
from descan.storage.atomic import write_file
from descan.storage.folder_lock import FolderBusyError, lock_folder

LOCK_FILE = ".collect.lock"
PROMPTS_FOLDER = "prompts"
SET_FILE = "categories.toml"
"""A user's own category set, so that the corpus stands alone."""

_OWN_FOLDERS = ("answers", PROMPTS_FOLDER, "raw")
_N_DIGITS = 6
_COLUMNS = ("item_id", "media", "gold", "group", "face_box")


@dataclass(frozen=True, slots=True)
class FolderChange:
    """What must be written into a corpus folder; nothing has been written yet.

    Attributes:
        files: Path relative to the folder -> content, of the files that are new or change.
    """

    folder: Path
    files: Mapping[Path, bytes]

    def write(self) -> None:
        """Write the files, each completely or not at all.

        Raises:
            InputError: If one cannot be written.
        """
        for name, content in self.files.items():
            path = self.folder / name
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                write_file(path, content)
            except OSError as error:
                raise explain_os_error(error, "cannot be written", path) from error


def plan_corpus_folder(
    folder: Path,
    items: Sequence[Item],
    *,
    description: Mapping[str, str],
    categories: CategorySet,
    labels: Mapping[str, str],
    prompts: Mapping[str, str],
) -> FolderChange:
    """Plan what turns a folder into a corpus of these items and prompts, or extends the corpus in it.

    An existing corpus keeps what it says: blanks are filled in, items and prompts are added. A second prompt of a mode
    goes into `[prompts]` as `MODE@` with the first digits of its hash; the text of each prompt is in
    `prompts/HASH.md`.

    Args:
        folder: The folder, which need not exist.
        items: With unique ids, and media relative to the folder.
        description: Key of `corpus.toml` (name, language, source or licence) -> what it should say; blank for nothing.
        categories: The category set of golds and labels.
        labels: Alias -> category.
        prompts: What is asked, by mode, or by mode and name of the prompt as in `describe:short`.

    Raises:
        InputError: If the folder holds something else, or a corpus that contradicts the arguments.
    """
    settings_path = folder / "corpus.toml"
    files: dict[Path, bytes] = {}
    old = None
    if settings_path.exists():
        old, before = load_settings(settings_path)
        _check_same_set(before, categories, settings_path)
    else:
        _check_new(folder)
    named, set_file = _name_set(categories)
    if set_file is not None and not (folder / SET_FILE).exists():
        files[Path(SET_FILE)] = set_file
    settings = CorpusSettings(
        **_describe(folder, old, description),
        categories=old.categories if old else named,
        labels=_merge_labels(old.labels if old else {}, labels, settings_path),
        prompts=_merge_prompts(old.prompts if old else {}, prompts),
    )
    if settings != old:
        files[Path("corpus.toml")] = _encode_toml(settings)
    for text in prompts.values():
        name = Path(PROMPTS_FOLDER, f"{hash_prompt(text)}.md")
        if not (folder / name).exists():
            files[name] = text.encode()
    table = _extend_items(folder / "items.csv", items, CategoryNames(categories, settings.labels))
    if table is not None:
        files[Path("items.csv")] = table
    return FolderChange(folder, files)


def _check_same_set(before: CategorySet, categories: CategorySet, path: Path) -> None:
    if before.categories != categories.categories:
        problem = f"has the category set {before.name}, and {categories.name} is given"
        raise InputError(path, f"{problem}; leave it out, or use another folder")


def _name_set(categories: CategorySet) -> tuple[str, bytes | None]:
    """Return what `corpus.toml` says of a set, and for a user's own one the file that goes beside it."""
    if categories == load_category_set():
        return "", None
    if categories.name in set_names() and categories == load_category_set(categories.name):
        return categories.name, None
    record = category_set_record(categories)
    entries = {name: _without_none(entry) for name, entry in record.pop("categories").items()}
    return SET_FILE, tomli_w.dumps({**_without_none(record), "categories": entries}).encode()


def _without_none(record: Mapping[str, object]) -> dict[str, object]:
    """Return what TOML can hold: it has no null."""
    return {key: value for key, value in record.items() if value is not None}


def hash_prompt(text: str) -> str:
    """Return the hash by which a corpus knows a prompt."""
    return sha256(text.encode()).hexdigest()


@contextmanager
def lock_corpus(folder: Path) -> Iterator[None]:
    """Let only one program write into a corpus during the block.

    Raises:
        InputError: If another one does.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(lock_folder(folder, LOCK_FILE))
        except FolderBusyError:
            problem = "another descan collect or import is working on it"
            raise InputError(folder, f"{problem}; wait until that has ended, or name another folder") from None
        yield


def _check_new(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise InputError(folder, "is a file; name a folder for the corpus")
    for child in sorted(folder.iterdir()) if folder.exists() else ():
        is_folder = child.is_dir() and child.name not in _OWN_FOLDERS and not child.name.startswith(".")
        if is_folder or child.suffix.lower() in SUFFIXES:
            found = f"holds something else, {quote(child.name)}, and no corpus.toml"
            raise InputError(folder, f"{found}; name a new or empty folder, or that of a corpus")


def _describe(folder: Path, old: CorpusSettings | None, description: Mapping[str, str]) -> dict[str, str]:
    """Return the name, language, source and licence that a corpus has or is given."""
    if old is None:
        name = os.fsencode(Path(os.path.realpath(folder)).name).decode(errors="replace")
        return {"name": name[:200]} | {key: given for key, given in description.items() if given}
    described = old.model_dump(include={"name", "language", "source", "licence"})
    for key, given in description.items():
        found = described[key]
        if given and found not in ("", given):
            problem = f"key {quote(key)} is {quote(found)} here and given as {quote(given)}"
            raise InputError(folder / "corpus.toml", f"{problem}; leave it out, or use another folder")
        described[key] = given or found
    return described


def _merge_labels(old: Mapping[str, str], given: Mapping[str, str], path: Path) -> dict[str, str]:
    merged = dict(old)
    folded = {fold_spelling(label): category for label, category in old.items()}
    for label, category in given.items():
        found = folded.setdefault(fold_spelling(label), category)
        if found != category:
            problem = f"label {quote(label)} is {found} here and given as {category}"
            raise InputError(path, f"{problem}; leave it out, or use another folder")
        if fold_spelling(label) not in {fold_spelling(known) for known in merged}:
            merged[label] = str(category)
    return merged


def _merge_prompts(old: Mapping[str, str], prompts: Mapping[str, str]) -> dict[str, str]:
    merged = dict(old)
    for label, text in prompts.items():
        known = {other for key, other in merged.items() if key.partition("@")[0] == label}
        if text not in known:
            merged[f"{label}@{hash_prompt(text)[:_N_DIGITS]}" if label in merged else str(label)] = text
    return merged


def _encode_toml(settings: CorpusSettings) -> bytes:
    tables = {key: value for key, value in settings.model_dump(mode="json").items() if value}
    return tomli_w.dumps(tables, multiline_strings=True).encode()


def _extend_items(path: Path, items: Sequence[Item], names: CategoryNames) -> bytes | None:
    """Return the content of an `items.csv` that lists all items, or None if the existing one does.

    Existing lines stay as they are, including columns that descan does not know. Only a blank gold, group or face box
    is filled in. A media path that differs stays: the content tells whether it is the same picture.
    """
    known = load_items(path, names) if path.exists() else {}
    new_rows = [_make_row(item, path) for item in items if item.item_id not in known]
    if not known:
        return _encode_rows(new_rows, _COLUMNS, with_header=True)
    blanks: dict[str, dict[str, str]] = {}
    for item in items:
        if item.item_id in known and (missing := _missing_values(item, known[item.item_id], path)):
            row = _make_row(item, path)
            blanks[item.item_id] = {column: row[column] for column in missing}
    if not new_rows and not blanks:
        return None
    old = path.read_bytes()
    header, rows = _parse_table(old)
    added = [*new_rows, *blanks.values()]
    columns = (*header, *(c for c in _COLUMNS if c not in header and any(row.get(c) for row in added)))
    if not blanks and columns == header:
        end = b"" if old.endswith(b"\n") else b"\n"
        return old + end + _encode_rows(new_rows, columns, with_header=False)
    filled = [row | blanks.get(row["item_id"], {}) for row in rows]
    return _encode_rows([*filled, *new_rows], columns, with_header=True)


def _make_row(item: Item, path: Path) -> dict[str, str]:
    return {
        "item_id": parse_name({"item_id": item.item_id}, "item_id", path, None),
        "media": "" if item.media is None else parse_name({"media": item.media}, "media", path, None),
        "gold": item.gold or "",
        "group": item.group or "",
        "face_box": item.face_box or "",
    }


def _missing_values(item: Item, known: Item, path: Path) -> list[str]:
    """List the columns that are blank for an item in the file and known now; refuse another value in one."""
    missing = []
    found: tuple[tuple[str, object, object], ...] = (
        ("gold", known.gold, item.gold),
        ("group", known.group, item.group),
        ("face_box", _parse_box(known, path), _parse_box(item, path)),
    )
    for column, old, new in found:
        if old is None and new is not None:
            missing.append(column)
        elif new not in (None, old):
            problem = f"item {quote(item.item_id)} has {column} {quote(str(old))} here and {quote(str(new))} in the"
            raise InputError(path, f"{problem} source; correct one, or use another folder")
    return missing


def _parse_box(item: Item, path: Path) -> FaceBox | None:
    if item.face_box is None:
        return None
    try:
        return parse_face_box(item.face_box)
    except ValueError as error:
        raise InputError(path, f"item {quote(item.item_id)}: face_box {error}") from error


def _parse_table(content: bytes) -> tuple[tuple[str, ...], list[dict[str, str]]]:
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return tuple(header), [dict(zip(header, row, strict=True)) for row in rows if row]


def _encode_rows(rows: Iterable[Mapping[str, str]], columns: Sequence[str], *, with_header: bool) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, columns, restval="", extrasaction="ignore", lineterminator="\n")
    if with_header:
        writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()
