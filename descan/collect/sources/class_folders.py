"""A folder with one subfolder per class, as CAER-S and CAER are laid out."""

import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from descan.collect.sources.source_items import MediaRoot, SourceItem, UnusableFiles
from descan.corpus.gold import DROPPED, find_gold
from descan.corpus.spellings import CategoryNames, find_elsewhere
from descan.corpus.values import parse_name
from descan.emotions import CategorySet
from descan.errors import InputError, explain_os_error, quote
from descan.media.media_files import SUFFIXES

HIDDEN = "hidden"
NOT_MEDIA = "not_media"
LEFT_OUT = "left_out"

_N_LISTED = 20


@dataclass(slots=True)
class FoundItems:
    """What is in a folder.

    Attributes:
        items: In the order of their ids.
        left_out: Reason -> how many files were skipped.
        other_suffixes: Suffix -> how many of the files that are not media have it.
    """

    items: list[SourceItem] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    other_suffixes: Counter[str] = field(default_factory=Counter)


def find_items(
    folder: Path, names: CategoryNames, root: MediaRoot, leave_out: Collection[str] = frozenset()
) -> FoundItems:
    """Find the media in class folders at any depth, or in a folder without subfolders, whose items have no gold.

    The id of an item is its path relative to `folder`, in posix form; its gold is the class folder on that path.

    Args:
        folder: For example one that contains `train/Angry/0001.png`.
        names: What names a class.
        root: Decides which symbolic links may be followed.
        leave_out: Classes whose files are left out, as `find_gold` takes them.

    Raises:
        InputError: If a class is unknown, a path names two, a name holds a control character or is not Unicode,
            something cannot be read, or there is no media file.
    """
    absolute = folder.absolute()
    found = FoundItems()
    unusable = UnusableFiles(folder)
    unknown: dict[str, list[str]] = {}
    for name in sorted(_find_media(folder, root, found, unusable)):
        parse_name({"file name": name}, "file name", folder, None)
        gold = _find_class(name, names, folder, leave_out)
        if gold is None:
            unknown.setdefault(name.rpartition("/")[0], []).append(name)
        elif gold == DROPPED:
            found.left_out[LEFT_OUT] += 1
        else:
            found.items.append(SourceItem(name, absolute / name, gold=gold))
    unusable.check()
    if list(unknown) == [""] and not found.items and not found.left_out[LEFT_OUT]:
        found.items = [SourceItem(name, absolute / name) for name in unknown.pop("")]
    if unknown:
        counts = {parent: len(held) for parent, held in unknown.items()}
        raise InputError(folder, _describe_unknown(counts, names.categories))
    if not found.items:
        raise InputError(folder, f"no media in class folders; files with one of {', '.join(SUFFIXES)} are taken")
    return found


def _find_media(folder: Path, root: MediaRoot, found: FoundItems, unusable: UnusableFiles) -> Iterator[str]:
    """Yield the paths of all media files below a folder, relative to it, in any order."""
    waiting = [("", frozenset({os.path.realpath(folder)}))]
    while waiting:
        prefix, ancestors = waiting.pop()
        for entry in _list_entries(folder / prefix):
            name = prefix + entry.name
            if entry.name.startswith("."):
                found.left_out[HIDDEN] += 1
            elif entry.is_dir():
                real = _resolve_link(entry, root) if entry.is_symlink() else entry.path
                if real in ancestors:
                    raise InputError(folder / name, "is a link to a folder that holds it; remove the link")
                waiting.append((name + "/", ancestors | {real}))
            elif not entry.name.lower().endswith(SUFFIXES):
                found.left_out[NOT_MEDIA] += 1
                found.other_suffixes[Path(entry.name).suffix.lower()] += 1
            elif _is_usable(entry, name, root, unusable):
                yield name


def _is_usable(entry: os.DirEntry[str], name: str, root: MediaRoot, unusable: UnusableFiles) -> bool:
    if entry.is_file() and not entry.is_symlink():
        return True
    try:
        root.find(name)
    except InputError as error:
        unusable.add(error)
        return False
    return True


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


def _find_class(name: str, names: CategoryNames, folder: Path, leave_out: Collection[str]) -> str | None:
    found = {}
    for part in name.split("/")[:-1]:
        category = find_gold(part, names, leave_out)
        if category == DROPPED:
            return DROPPED
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
    advice += f", or leave it out with --leave-out {quote(min(counts))}"
    for name in sorted(counts):
        if sets := find_elsewhere(name, categories):
            advice += f", or use --categories {' or '.join(sets)}, which has {next(iter(sets.values()))}"
            break
    return f"unknown classes, with their numbers of media: {', '.join(listed[:_N_LISTED])}{more}; {advice}"
