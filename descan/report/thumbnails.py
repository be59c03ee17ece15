"""Small pictures of items for a page; a file that gives none costs its picture and nothing else."""

import base64
import io
import stat
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from descan.errors import SetupError
from descan.media.media_files import IMAGE_SUFFIXES, VIDEO_TYPES, MediaError

if TYPE_CHECKING:
    from PIL import Image

SIDE = 128
"""Longest side in pixels."""

MAX_PIXELS = 50_000_000
MAX_FILE_BYTES = 200_000_000

_QUALITY = 60

_PREFIX = "data:image/webp;base64,"


class _SkippedError(Exception):
    """A file gives no picture; the message is the reason."""


def make_thumbnails(folder: Path, names: Iterable[str], max_bytes: int) -> tuple[dict[str, str], Counter[str]]:
    """Make a small picture of each file, in the given order, until there is no more room.

    Args:
        folder: Of the corpus; nothing outside it is opened.
        names: Paths of pictures and clips relative to the folder; blanks and repetitions are skipped.
        max_bytes: Of all addresses together.

    Returns:
        Each picture as a `data:` address by its path, and how many there are not by reason: missing, outside, broken,
        too large, no room, PyAV is not installed.
    """
    root = folder.resolve()
    addresses: dict[str, str] = {}
    skipped: Counter[str] = Counter()
    n_bytes = 0
    for name in dict.fromkeys(filter(None, names)):
        if n_bytes >= max_bytes:
            skipped["no room"] += 1
            continue
        try:
            addresses[name] = _PREFIX + base64.b64encode(_encode(_shrink(_find(root, name)))).decode()
            n_bytes += len(addresses[name])
        except _SkippedError as reason:
            skipped[str(reason)] += 1
    return addresses, skipped


def make_thumbnail(folder: Path, name: str) -> bytes | None:
    """Return the small picture of one file in WebP, or None where there is none.

    Args:
        folder: Of the corpus; nothing outside it is opened.
        name: Path of a picture or clip relative to the folder.
    """
    try:
        return _encode(_shrink(_find(folder.resolve(), name)))
    except _SkippedError:
        return None


def _find(root: Path, name: str) -> Path:
    """Return the real path of a file, or refuse it."""
    try:
        path = (root / name).resolve(strict=True)
        status = path.stat()
    except (OSError, ValueError, RuntimeError) as error:
        raise _SkippedError("missing") from error
    if not path.is_relative_to(root):
        raise _SkippedError("outside")
    if not stat.S_ISREG(status.st_mode):
        raise _SkippedError("missing")
    if status.st_size > MAX_FILE_BYTES:
        raise _SkippedError("too large")
    return path


def _shrink(path: Path) -> "Image.Image":
    """Decode a file and scale it to a small RGB picture, upright; transparent parts are on white."""
    from descan.media.pictures import flatten, scale_down

    try:
        return scale_down(flatten(_decode(path), path).convert("RGB"), SIDE)
    except MediaError as error:
        raise _SkippedError("too large" if error.code == "media_too_large" else "broken") from error
    except SetupError as error:
        raise _SkippedError("PyAV is not installed") from error
    except OSError as error:
        raise _SkippedError("broken") from error


def _decode(path: Path) -> "Image.Image":
    from descan.media.clips import first_frame
    from descan.media.pictures import decode_picture

    with path.open("rb") as file:
        if path.suffix.lower() in VIDEO_TYPES:
            return first_frame(file, path, max_pixels=MAX_PIXELS)
        try:
            return decode_picture(file, path, max_pixels=MAX_PIXELS, draft_side=2 * SIDE).image
        except MediaError:
            if path.suffix.lower() in IMAGE_SUFFIXES:
                raise
            return first_frame(file, path, max_pixels=MAX_PIXELS)


def _encode(image: "Image.Image") -> bytes:
    buffer = io.BytesIO()
    # Drop the file's metadata: where a picture was taken does not belong in a page.
    clean = image.copy()
    clean.info.clear()
    clean.save(buffer, "WEBP", quality=_QUALITY, method=4)
    return buffer.getvalue()
