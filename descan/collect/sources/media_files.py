"""Files that can be sent: their kinds, where they may lie, and what can be wrong with one."""

import os
import stat
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from descan.errors import InputError, quoted

IMAGE_SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")

VIDEO_TYPES: Mapping[str, str] = MappingProxyType(
    {
        ".3gp": "video/3gpp",
        ".avi": "video/avi",
        ".flv": "video/x-flv",
        ".m4v": "video/mp4",
        ".mkv": "video/x-matroska",
        ".mov": "video/mov",
        ".mp4": "video/mp4",
        ".mpeg": "video/mpeg",
        ".mpg": "video/mpg",
        ".webm": "video/webm",
        ".wmv": "video/wmv",
    }
)
"""MIME type of a video by suffix, in the spelling of the Gemini API where it has one."""

SUFFIXES = (*IMAGE_SUFFIXES, *VIDEO_TYPES)


class MediaError(InputError):
    """One item's media cannot be sent; the other items can.

    Attributes:
        code: A stable name: `media_missing`, `media_unreadable`, `media_empty`, `media_broken`, `media_too_large`,
            `media_changed`, `no_face_box`, `face_box_outside` or `crop_of_video`.
    """

    def __init__(self, path: Path, code: str, problem: str) -> None:
        """Say in one line what is wrong with the file at `path`."""
        super().__init__(path, problem)
        self.code = code


class MediaRoot:
    """The folder that media lie in, and that they may not leave unless it is allowed."""

    def __init__(self, folder: Path, *, allow_outside: bool) -> None:
        """Start with no file looked up."""
        self._folder = folder.absolute()
        self._resolved = folder.resolve()
        self._allow_outside = allow_outside
        self._is_inside = lru_cache(maxsize=4096)(self._lies_inside)

    def find(self, name: str, path: Path | None = None, line: int | None = None) -> Path:
        """Give the file with a name relative to the folder.

        Args:
            name: A path in posix form, or an absolute one.
            path: The file that names it, for the message of an error; the media file itself if None.
            line: The line that names it.

        Raises:
            InputError: If there is no readable media file of that name, or it lies outside.
        """
        found = self._folder / name
        if found.suffix.lower() not in SUFFIXES:
            allowed = ", ".join(SUFFIXES)
            raise InputError(path or found, f"media {quoted(name)} has an unknown suffix; use one of {allowed}", line)
        problem = _problem_with(found)
        if problem is None and not self.may_hold(found):
            problem = f"lies outside of {quoted(str(self._folder))}; move it there or use --allow-outside"
        if problem is not None:
            raise InputError(path or found, f"media {quoted(name)} {problem}", line)
        return found

    def may_hold(self, found: Path) -> bool:
        """Say whether a file or folder may be read where it really is."""
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
