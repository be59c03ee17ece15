"""Load a source of items: class folders, a manifest, or a corpus to complete."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from descan.collect.sources.class_folders import LEFT_OUT, FoundItems, find_items
from descan.collect.sources.source_items import MediaRoot, Source, SourceItem, UnusableFiles
from descan.corpus.corpus_toml import load_settings
from descan.corpus.formats import SUFFIXES, ColumnNames, stream_rows
from descan.corpus.gold import DROPPED, GoldParser
from descan.corpus.spellings import CategoryNames, join_aliases, parse_aliases
from descan.corpus.values import parse_name
from descan.emotions import CategorySet
from descan.errors import InputError, quote
from descan.lexicon import fold_spelling, load_category_set
from descan.media.face_boxes import FaceBox, parse_face_box

_NO_ALIASES: Mapping[str, str] = {}
_COLUMNS = ("media", "group", "face_box")


def load_source(
    path: Path | str,
    *,
    aliases: Mapping[str, str] = _NO_ALIASES,
    categories: CategorySet | None = None,
    allow_outside: bool = False,
    group_pattern: str | None = None,
    leave_out: Sequence[str] = (),
) -> Source:
    """Load the items of a source; their media files are found, but not opened.

    Args:
        path: A folder with one subfolder per class (`train/Angry/1.png`), a manifest (.csv, .jsonl, .ndjson or
            .parquet with the column `media`, and any of `item_id` (else the media's path is the id), `gold`, `group`
            and `face_box`), or a corpus folder whose items have media.
        aliases: Class name or gold label -> category, in addition to the categories and the common words for them.
        categories: The category set; None for the one that the `corpus.toml` of a corpus names, or the default.
        allow_outside: Also take media outside the source's folder.
        group_pattern: Regular expression that is searched in the id of each item without a group. The item's group
            is what the first group of the expression matches, or the whole match if it has no group.
        leave_out: Classes whose items are left out: categories of any set, or words that name none.

    Raises:
        InputError: If the source or an option is not allowed.
    """
    path = Path(path)
    is_corpus = path.is_dir() and (path / "items.csv").is_file()
    of_corpus: Mapping[str, str] = {}
    if is_corpus and (path / "corpus.toml").is_file():
        settings, categories = load_settings(path / "corpus.toml", categories)
        of_corpus = settings.labels
    categories = categories or load_category_set()
    labels = join_aliases(parse_aliases(aliases, categories), of_corpus)
    names = CategoryNames(categories, labels)
    root = MediaRoot(path if path.is_dir() else path.parent, allow_outside=allow_outside)
    if path.is_dir() and not is_corpus:
        found = find_items(path, names, root, {fold_spelling(word) for word in leave_out})
    else:
        if not is_corpus:
            _check_manifest(path)
        found = _load_manifest(path / "items.csv" if is_corpus else path, names, root, leave_out)
    if leave_out and not found.left_out[LEFT_OUT]:
        listed = " or ".join(map(quote, leave_out))
        raise InputError(path, f"no item is of the class {listed} that --leave-out names; name a class of the source")
    items = found.items if group_pattern is None else _add_groups(found.items, group_pattern)
    return Source(tuple(items), labels, found.left_out, categories, found.other_suffixes)


def _check_manifest(path: Path) -> None:
    if not path.exists():
        raise InputError(path, "does not exist; use a folder with one subfolder per class, a manifest or a corpus")
    if path.suffix.lower() not in SUFFIXES:
        allowed = f"one of {', '.join(SUFFIXES)} with a column media"
        raise InputError(path, f"suffix {quote(path.suffix)} is unknown; a manifest is {allowed}")


def _load_manifest(path: Path, names: CategoryNames, root: MediaRoot, leave_out: Sequence[str]) -> FoundItems:
    """Load the items of a manifest, in the order of its rows."""
    left_out: Counter[str] = Counter()
    unusable = UnusableFiles(path)
    items: dict[str, SourceItem] = {}
    lines: dict[str, int] = {}
    golds = GoldParser(path, "gold", names, leave_out)
    for row in stream_rows(path, ColumnNames(), also=_COLUMNS):
        cells, line = row.cells, row.line
        if "media" not in cells:
            columns = ", ".join(map(quote, cells)) or "none"
            raise InputError(path, f"no column media; the columns are {columns}", line)
        media = parse_name(cells, "media", path, line)
        item_id = media if cells.get("item_id") is None else parse_name(cells, "item_id", path, line)
        if item_id in lines:
            found = f"item_id {quote(item_id)} occurs twice, first on line {lines[item_id]}"
            raise InputError(path, f"{found}; give every row its own in a column item_id", line)
        lines[item_id] = line
        gold = golds.parse(cells, line)
        if gold == DROPPED:
            left_out[LEFT_OUT] += 1
            continue
        try:
            place = root.find(media, path, line)
        except InputError as error:
            unusable.add(error)
            continue
        items[item_id] = SourceItem(
            item_id=item_id,
            path=place,
            gold=gold,
            group=None if cells.get("group") is None else parse_name(cells, "group", path, line),
            face_box=_parse_face_box(cells, path, line),
        )
    unusable.check()
    golds.check()
    if not items:
        raise InputError(path, "no items; list at least one")
    return FoundItems(list(items.values()), left_out)


def _parse_face_box(cells: Mapping[str, object], path: Path, line: int) -> FaceBox | None:
    value = cells.get("face_box")
    if value is None:
        return None
    try:
        return parse_face_box(value)
    except ValueError as error:
        raise InputError(path, f"face_box {error}", line) from error


def _add_groups(items: list[SourceItem], group_pattern: str) -> list[SourceItem]:
    try:
        pattern = re.compile(group_pattern)
    except re.error as error:
        problem = f"group pattern {quote(group_pattern)} is not a regular expression: {error}"
        raise InputError(None, problem) from error
    grouped = [
        replace(item, group=_find_group(item.item_id, pattern)) if item.group is None else item for item in items
    ]
    if not any(item.group for item in grouped):
        first = quote(items[0].item_id)
        raise InputError(None, f"group pattern {quote(group_pattern)} matches no item_id; the first is {first}")
    return grouped


def _find_group(item_id: str, pattern: re.Pattern[str]) -> str | None:
    match = pattern.search(item_id)
    return None if match is None else (match[1] if pattern.groups else match[0]) or None
