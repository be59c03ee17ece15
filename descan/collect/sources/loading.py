"""Sources of items: class folders, a manifest, or a corpus to complete."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from descan.collect.sources.class_folders import read_class_folders
from descan.collect.sources.class_names import checked_aliases, known_class_names
from descan.collect.sources.manifest import read_manifest
from descan.collect.sources.media_files import MediaRoot
from descan.collect.sources.source_items import Source, SourceItem
from descan.corpus.corpus_toml import load_settings
from descan.corpus.formats import SUFFIXES
from descan.errors import InputError, quoted

__all__ = ["Source", "SourceItem", "read_source"]

_NO_ALIASES: Mapping[str, str] = {}


def read_source(
    path: Path | str,
    *,
    aliases: Mapping[str, str] = _NO_ALIASES,
    allow_outside: bool = False,
    group_pattern: str | None = None,
) -> Source:
    """Read the items of a source; their media are found, not opened.

    Args:
        path: A folder with one subfolder a class (`train/Angry/1.png`), a manifest (.csv, .jsonl, .ndjson or
            .parquet with the column `media`), or a corpus folder whose items have media.
        aliases: Class name or gold label -> category, beside the seven and the common ones.
        allow_outside: Take media outside of the source's folder too.
        group_pattern: Regular expression that is searched in the id of each item without a group; what its
            first group matches, or the whole match where it has none, is the item's group.

    Raises:
        InputError: If something is not what is allowed there.
    """
    path = Path(path)
    labels = checked_aliases(aliases)
    left_out: Counter[str] = Counter()
    if path.is_dir() and (path / "items.csv").is_file():
        if (path / "corpus.toml").is_file():
            labels = checked_aliases(load_settings(path / "corpus.toml").labels | labels)
        items = read_manifest(path / "items.csv", known_class_names(labels), _root(path, allow_outside))
    elif path.is_dir():
        items, left_out = read_class_folders(path, known_class_names(labels), _root(path, allow_outside))
    else:
        _check_manifest(path)
        items = read_manifest(path, known_class_names(labels), _root(path.parent, allow_outside))
    if group_pattern is not None:
        items = _with_groups(items, group_pattern)
    return Source(tuple(items), labels, left_out)


def _root(folder: Path, allow_outside: bool) -> MediaRoot:
    return MediaRoot(folder, allow_outside=allow_outside)


def _check_manifest(path: Path) -> None:
    if not path.exists():
        raise InputError(path, "does not exist; use a folder with one subfolder a class, a manifest or a corpus")
    if path.suffix.lower() not in SUFFIXES:
        allowed = f"one of {', '.join(SUFFIXES)} with a column media"
        raise InputError(path, f"suffix {quoted(path.suffix)} is unknown; a manifest is {allowed}")


def _with_groups(items: list[SourceItem], group_pattern: str) -> list[SourceItem]:
    try:
        pattern = re.compile(group_pattern)
    except re.error as error:
        problem = f"group pattern {quoted(group_pattern)} is not a regular expression: {error}"
        raise InputError(None, problem) from error
    grouped = [
        replace(item, group=item.group if item.group is not None else _group_of(item, pattern)) for item in items
    ]
    if not any(item.group for item in grouped):
        first = quoted(items[0].item_id)
        raise InputError(None, f"group pattern {quoted(group_pattern)} matches no item_id; the first is {first}")
    return grouped


def _group_of(item: SourceItem, pattern: re.Pattern[str]) -> str | None:
    match = pattern.search(item.item_id)
    return None if match is None else (match[1] if pattern.groups else match[0]) or None
