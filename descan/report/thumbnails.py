"""Small pictures of items, to stand in a page: whatever a file holds, it costs a picture and nothing else."""

import base64
import io
import stat
import struct
import warnings
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

SIDE = 128
"""Longest side in pixels."""

MAX_PIXELS = 50_000_000
MAX_FILE_BYTES = 200_000_000

_PICTURES = ("BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")
# What is not among these could be a playlist, which would have other files and addresses read.
_VIDEOS = "asf,avi,flv,matroska,mov,mpeg,mpegvideo,mpegts,webm"
_QUALITY = 60


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """The pictures of a page.

    Attributes:
        addresses: Each picture as a `data:` address.
        places: Place in `addresses` by the path that was asked for.
        skipped: Reason (missing, outside, broken, too large, no room, PyAV is not installed) -> how many paths.
    """

    addresses: tuple[str, ...]
    places: dict[str, int]
    skipped: Counter[str]


class _SkippedError(Exception):
    """A file gives no picture; the message is the reason."""


def make_thumbnails(folder: Path, names: Iterable[str], max_bytes: int) -> Thumbnails:
    """Make a small picture of each file, in the order given, until there is no room.

    Args:
        folder: Of the corpus; nothing outside of it is opened.
        names: Paths of pictures and clips relative to the folder; empty ones and repetitions are passed over.
        max_bytes: Of all addresses together.
    """
    root = folder.resolve()
    addresses: list[str] = []
    places: dict[str, int] = {}
    skipped: Counter[str] = Counter()
    n_bytes = 0
    for name in dict.fromkeys(filter(None, names)):
        if n_bytes >= max_bytes:
            skipped["no room"] += 1
            continue
        try:
            address = _address(_shrunk(_found(root, name)))
        except _SkippedError as reason:
            skipped[str(reason)] += 1
            continue
        n_bytes += len(address)
        places[name] = len(addresses)
        addresses.append(address)
    return Thumbnails(tuple(addresses), places, skipped)


def _found(root: Path, name: str) -> Path:
    """Give the file where it really is, or refuse it."""
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


def _shrunk(path: Path) -> "Image.Image":
    from PIL import Image, UnidentifiedImageError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(path, formats=_PICTURES) as picture:
                return _plain(picture)
        except (UnidentifiedImageError, PermissionError):
            return _first_frame(path)
        except (OSError, SyntaxError, ValueError, EOFError, struct.error, ArithmeticError, LookupError) as error:
            # Pillow's decoders meet broken files with any of these.
            raise _SkippedError("broken") from error
        except Image.DecompressionBombError as error:
            raise _SkippedError("too large") from error


def _plain(picture: "Image.Image") -> "Image.Image":
    """Give it small, upright, in RGB; what is transparent lies on white."""
    from PIL import Image, ImageOps

    if picture.width * picture.height > MAX_PIXELS:
        raise _SkippedError("too large")
    picture.draft("RGB", (2 * SIDE, 2 * SIDE))  # A large JPEG is decoded at a fraction of its size.
    image = ImageOps.exif_transpose(picture)
    if image.mode == "F" or image.mode.startswith("I"):
        image = image.convert("F").point(lambda value: value * (1 / 257)).convert("L")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = image.convert("RGB")
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return image


def _first_frame(path: Path) -> "Image.Image":
    try:
        import av
    except ImportError as error:
        raise _SkippedError("PyAV is not installed") from error
    try:
        with av.open(str(path), mode="r", options={"format_whitelist": _VIDEOS}) as container:
            frame = next(container.decode(video=0), None)
            if frame is None:
                raise _SkippedError("broken")
            if frame.width * frame.height > MAX_PIXELS:
                raise _SkippedError("too large")
            from PIL import Image

            image = Image.fromarray(frame.to_ndarray(format="rgb24"))
            return _plain(image.rotate(frame.rotation, expand=True) if frame.rotation else image)
    except (av.FFmpegError, ValueError, IndexError) as error:
        raise _SkippedError("broken") from error


def _address(image: "Image.Image") -> str:
    buffer = io.BytesIO()
    # Without what the file says about itself: where a picture was taken has no place in a page.
    clean = image.copy()
    clean.info.clear()
    clean.save(buffer, "WEBP", quality=_QUALITY, method=4)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()
