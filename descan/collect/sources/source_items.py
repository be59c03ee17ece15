"""What a source holds: items, and the media files that it may name."""

import os
import stat
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from descan.emotions import CategorySet
from descan.errors import InputError, quote
from descan.media.face_boxes import FaceBox
from descan.media.media_files import SUFFIXES
from descan.records import Item
from descan.storage.paths import relative_name

_N_LISTED = 20


@dataclass(frozen=True, slots=True)
class SourceItem:
    """One picture, clip or text to ask about.

    Attributes:
        item_id: Unique in its source, and always the same for the same source.
        path: The media file, absolute; of a text, the file that lists it.
        gold: A category, or None where unknown.
        group: Source clip or subject, or None where unknown.
        face_box: Where the face is, or None where unknown.
        text: The text itself; None of a picture or clip.
    """

    item_id: str
    path: Path
    gold: str | None = None
    group: str | None = None
    face_box: FaceBox | None = None
    text: str | None = None

    def to_item(self, folder: str) -> Item:
        """Return the item of a corpus in a folder, whose real path is given."""
        box = None if self.face_box is None else str(self.face_box)
        media = relative_name(self.path, folder) if self.text is None else None
        return Item(self.item_id, self.gold, self.group, media, box)


def hash_text(text: str) -> str:
    """Return the hash by which a corpus knows a text, in hexadecimal."""
    return sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Source:
    """The items of a source, in its order.

    Attributes:
        items: At least one.
        labels: Alias -> category, from the options and from the source's `corpus.toml`, for the new corpus.
        left_out: Reason -> how many files or rows were skipped: `hidden`, `not_media` or `left_out`, whose class the
            user left out.
        categories: The category set of the golds.
        other_suffixes: Suffix -> how many of the files that are not media have it.
    """

    items: tuple[SourceItem, ...]
    labels: Mapping[str, str]
    left_out: Mapping[str, int]
    categories: CategorySet
    other_suffixes: Counter[str]


class UnusableFiles:
    """Gathers what is wrong with the media files of a source, so that all of it is said at once."""

    def __init__(self, path: Path) -> None:
        """Start with nothing wrong.

        Args:
            path: The source, for the error message.
        """
        self._path = path
        self._errors: list[InputError] = []

    def add(self, error: InputError) -> None:
        """Add what is wrong with one file."""
        self._errors.append(error)

    def check(self) -> None:
        """Check that no file was added.

        Raises:
            InputError: If any was.
        """
        if not self._errors:
            return
        errors = sorted(self._errors, key=lambda error: (error.line or 0, error.problem))
        first, n = errors[0], len(errors)
        if n == 1:
            raise first
        listed = "; ".join(
            f"line {error.line}: {error.problem}" if error.line else error.problem for error in errors[:_N_LISTED]
        )
        more = f"; and {n - _N_LISTED} more" if n > _N_LISTED else ""
        raise InputError(self._path, f"{n} files cannot be used: {listed}{more}", first.line)


class MediaRoot:
    """The folder that holds the media; files outside it are refused unless the user allows them."""

    def __init__(self, folder: Path, *, allow_outside: bool) -> None:
        """Prepare to look up files."""
        self._folder = folder.absolute()
        self._resolved = folder.resolve()
        self._allow_outside = allow_outside
        self._is_inside = lru_cache(maxsize=4096)(self._lies_inside)

    def find(self, name: str, path: Path | None = None, line: int | None = None) -> Path:
        """Return the file with a name relative to the folder.

        Args:
            name: A path in posix form, or an absolute one.
            path: The file that names it, for error messages; the media file itself if None.
            line: The line that names it.

        Raises:
            InputError: If there is no readable media file of that name, or it lies outside.
        """
        found = self._folder / name
        if found.suffix.lower() not in SUFFIXES:
            allowed = ", ".join(SUFFIXES)
            raise InputError(path or found, f"media {quote(name)} has an unknown suffix; use one of {allowed}", line)
        problem = _problem_with(found)
        if problem is None and not self.may_hold(found):
            problem = f"is outside {quote(str(self._folder))}; move it there or use --allow-outside"
        if problem is not None:
            raise InputError(path or found, f"media {quote(name)} {problem}", line)
        return found

    def may_hold(self, found: Path) -> bool:
        """Return whether a file or folder may be used, once its symbolic links are followed."""
        return self._allow_outside or self._is_inside(found if found.is_symlink() else found.parent)

    def _lies_inside(self, found: Path) -> bool:
        return found.resolve().is_relative_to(self._resolved)


def _problem_with(found: Path) -> str | None:
    try:
        kind = found.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return "does not exist; name a file that does"
    except OSError as error:
        return f"cannot be read: {error.strerror}; name a file that can"
    if stat.S_ISDIR(kind):
        return "is a folder; name a file"
    if not stat.S_ISREG(kind):
        return "is not a regular file; name one that is"
    return None if os.access(found, os.R_OK) else "may not be read; change its permissions"
