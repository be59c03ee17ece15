"""A folder with one subfolder per class, as CAER-S and CAER are laid out."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from descan.collect.sources.source_items import MediaRoot, SourceItem
from descan.corpus.spellings import CategoryNames, find_elsewhere
from descan.corpus.values import parse_name
from descan.emotions import CategorySet
from descan.errors import InputError, explain_os_error, quote
from descan.media.media_files import SUFFIXES

HIDDEN = "hidden"
NOT_MEDIA = "not_media"

_N_LISTED = 20


def find_items(folder: Path, names: CategoryNames, root: MediaRoot) -> tuple[list[SourceItem], Counter[str]]:
    """Find the media in class folders at any depth.

    The id of an item is its path relative to `folder`, in posix form; its gold is the class folder on that path.

    Args:
        folder: For example one that contains `train/Angry/0001.png`.
        names: What names a class.
        root: Decides which symbolic links may be followed.

    Returns:
        The items in the order of their ids, and how many files were skipped, by reason.

    Raises:
        InputError: If a class is unknown, a path names two, a name holds a control character or is not Unicode,
            something cannot be read, or there is no media file.
    """
    absolute = folder.absolute()
    left_out: Counter[str] = Counter()
    items: list[SourceItem] = []
    unknown: Counter[str] = Counter()
    for name in sorted(_find_media(folder, root, left_out)):
        parse_name({"file name": name}, "file name", folder, None)
        gold = _find_class(name, names, folder)
        if gold is None:
            unknown[name.rpartition("/")[0]] += 1
        else:
            items.append(SourceItem(name, absolute / name, gold=gold))
    if unknown:
        raise InputError(folder, _describe_unknown(unknown, names.categories))
    if not items:
        raise InputError(folder, f"no media in class folders; files with one of {', '.join(SUFFIXES)} are taken")
    return items, left_out


def _find_media(folder: Path, root: MediaRoot, left_out: Counter[str]) -> Iterator[str]:
    """Yield the paths of all media files below a folder, relative to it, in any order."""
    waiting = [("", frozenset({os.path.realpath(folder)}))]
    while waiting:
        prefix, ancestors = waiting.pop()
        for entry in _list_entries(folder / prefix):
            name = prefix + entry.name
            if entry.name.startswith("."):
                left_out[HIDDEN] += 1
            elif entry.is_dir():
                real = _resolve_link(entry, root) if entry.is_symlink() else entry.path
                if real in ancestors:
                    raise InputError(folder / name, "is a link to a folder that holds it; remove the link")
                waiting.append((name + "/", ancestors | {real}))
            elif not entry.name.lower().endswith(SUFFIXES):
                left_out[NOT_MEDIA] += 1
            else:
                if entry.is_symlink() or not entry.is_file():
                    root.find(name)
                yield name


def _list_entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError as error:
        raise explain_os_error(error, "cannot be read", folder) from error


def _resolve_link(entry: os.DirEntry[str], root: MediaRoot) -> str:
    if not root.may_hold(Path(entry.path)):
        raise InputError(entry.path, "is a link to something outside; move that here or use --allow-outside")
    return os.path.realpath(entry.path)


def _find_class(name: str, names: CategoryNames, folder: Path) -> str | None:
    found = {}
    for part in name.split("/")[:-1]:
        category = names.find(part)
        if category is not None:
            found[category] = part
    if len(found) > 1:
        problem = f"{quote(name)} is in the folders of two classes, {', '.join(map(quote, found.values()))}"
        raise InputError(folder, f"{problem}; remove one")
    return next(iter(found), None)


def _describe_unknown(unknown: Mapping[str, int], categories: CategorySet) -> str:
    example = categories.names[len(categories) // 2]
    counts: Counter[str] = Counter()
    for parent, n in unknown.items():
        counts[parent.rpartition("/")[2]] += n
    at_top = counts.pop("", 0)
    if not counts:
        return f"media in no class folder: {at_top}; put each into the folder of its class, as in {example}/1.png"
    listed = [f"{quote(name)} ({n})" for name, n in sorted(counts.items())]
    more = f" and {len(listed) - _N_LISTED} more" if len(listed) > _N_LISTED else ""
    advice = f"give each its category, as in --alias {quote(f'{min(counts)}={example}')}"
    for name in sorted(counts):
        if sets := find_elsewhere(name, categories):
            advice += f", or use --categories {' or '.join(sets)}, which has {next(iter(sets.values()))}"
            break
    return f"unknown classes, with their numbers of media: {', '.join(listed[:_N_LISTED])}{more}; {advice}"
