"""Load a source of items: class folders, a manifest, or a corpus to complete."""

import csv
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from descan.collect.sources.class_folders import find_items
from descan.collect.sources.manifest import load_manifest
from descan.collect.sources.source_items import MediaRoot, Source, SourceItem
from descan.corpus.corpus_toml import load_settings
from descan.corpus.formats import SUFFIXES
from descan.corpus.spellings import find_category, fold_aliases
from descan.emotions import Emotion
from descan.errors import InputError, quote

_NO_ALIASES: Mapping[str, str] = {}


def load_source(
    path: Path | str,
    *,
    aliases: Mapping[str, str] = _NO_ALIASES,
    allow_outside: bool = False,
    group_pattern: str | None = None,
) -> Source:
    """Load the items of a source; their media files are found, but not opened.

    Args:
        path: A folder with one subfolder per class (`train/Angry/1.png`), a manifest (.csv, .jsonl, .ndjson or
            .parquet with the column `media`), or a corpus folder whose items have media.
        aliases: Class name or gold label -> category, in addition to the seven categories and the common names.
        allow_outside: Also take media outside the source's folder.
        group_pattern: Regular expression that is searched in the id of each item without a group. The item's group
            is what the first group of the expression matches, or the whole match if it has no group.

    Raises:
        InputError: If the source or an option is not allowed.
    """
    path = Path(path)
    labels = check_aliases(aliases)
    left_out: Counter[str] = Counter()
    root = MediaRoot(path if path.is_dir() else path.parent, allow_outside=allow_outside)
    if path.is_dir() and (path / "items.csv").is_file():
        if (path / "corpus.toml").is_file():
            labels = check_aliases(load_settings(path / "corpus.toml").labels | labels)
        items = load_manifest(path / "items.csv", load_class_names(labels), root)
    elif path.is_dir():
        items, left_out = find_items(path, load_class_names(labels), root)
    else:
        _check_manifest(path)
        items = load_manifest(path, load_class_names(labels), root)
    if group_pattern is not None:
        items = _add_groups(items, group_pattern)
    return Source(tuple(items), labels, left_out)


def load_class_names(aliases: Mapping[str, str]) -> dict[str, str]:
    """Return the category of every class name besides the seven: the common names, then the user's aliases.

    Args:
        aliases: Class name, in any spelling -> name of its category, in any case.

    Returns:
        Category by folded class name.

    Raises:
        InputError: If an alias is blank, means an unknown category, or renames a category.
    """
    table = (files("descan.collect.sources") / "class_names.csv").read_text(encoding="utf-8")
    known = {row["name"]: row["category"] for row in csv.DictReader(table.splitlines())}
    return fold_aliases(known) | fold_aliases(check_aliases(aliases))


def check_aliases(aliases: Mapping[str, str]) -> dict[str, str]:
    """Return the aliases with the usual spelling of each category.

    Raises:
        InputError: As `load_class_names`, or if two equal spellings have two categories.
    """
    checked = {alias: _parse_category(alias, name) for alias, name in aliases.items()}
    try:
        fold_aliases(checked)
    except ValueError as error:
        raise InputError(None, str(error)) from error
    return checked


def _parse_category(alias: str, name: str) -> str:
    category = find_category(name)
    if category is None:
        problem = f"alias {quote(alias)} is given as {quote(name)}; use one of {', '.join(Emotion)}"
        raise InputError(None, problem)
    return category


def _check_manifest(path: Path) -> None:
    if not path.exists():
        raise InputError(path, "does not exist; use a folder with one subfolder per class, a manifest or a corpus")
    if path.suffix.lower() not in SUFFIXES:
        allowed = f"one of {', '.join(SUFFIXES)} with a column media"
        raise InputError(path, f"suffix {quote(path.suffix)} is unknown; a manifest is {allowed}")


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
