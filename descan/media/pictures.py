"""Pictures: decoded upright, scaled, cropped and encoded; a broken or hostile file is a `MediaError`."""

import io
import struct
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from descan.errors import SetupError, quote
from descan.media.face_boxes import FaceBox
from descan.media.media_files import MediaError, Part

MAX_PIXELS = Image.MAX_IMAGE_PIXELS or 89_478_485
"""Of a picture or a frame; more could fill the memory."""

N_MAGIC = 16
"""Bytes at the beginning of a file that tell its kind."""

_FORMATS = ("BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")
_HEIC = ("HEIF",)
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
"""After `ftyp` at the beginning of a HEIF file whose pictures are coded by HEVC (ISO/IEC 23008-12)."""

_WEB_TYPES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_PLAIN_MODES = ("1", "L", "P", "RGB")
_LOSSY = ("HEIF", "JPEG", "MPO")
_JPEG_QUALITY = 95
_MAX_PNG_BYTES = 8_000_000

# Changing the warning filters is not safe among threads, so only one thread at a time does it.
_FILTERS = threading.Lock()


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture.

    Attributes:
        image: The pixels, upright.
        web_type: MIME type of the file if every reader shows it as descan does: a still JPEG, PNG or WebP picture,
            upright, opaque, of common colors. Else empty.
        is_lossy: Whether the file is a JPEG or HEIC.
    """

    image: Image.Image
    web_type: str
    is_lossy: bool


def decode_picture(
    file: BinaryIO, path: Path, *, max_pixels: int = MAX_PIXELS, draft_side: int | None = None
) -> Picture:
    """Decode a picture and turn it upright.

    Args:
        file: Open for reading.
        path: Of the file, for error messages.
        max_pixels: A picture with more is not decoded.
        draft_side: The longest side that is needed; a large JPEG is then decoded at a fraction of its size.

    Raises:
        MediaError: If it is not a picture, is broken, or is too large.
        SetupError: If it is a HEIC picture, and pillow-heif is not installed.
    """
    formats: tuple[str, ...] = _FORMATS
    if is_heic(file.read(N_MAGIC)):
        register_heic(path)
        formats = _HEIC
    file.seek(0)
    try:
        with _quiet():
            picture = _open(file, path, formats)
            if picture.width * picture.height > max_pixels:
                raise _too_large(path, max_pixels)
            if draft_side is not None:
                picture.draft("RGB", (draft_side, draft_side))
            is_upright = picture.getexif().get(ExifTags.Base.Orientation, 1) not in range(2, 9)
            if picture.format == "TIFF":
                picture.load()  # Only decoding loads the whole EXIF block.
            image = picture if is_upright else ImageOps.exif_transpose(picture)
        image.load()
        is_plain = is_upright and _is_plain(picture)
        return Picture(image, _WEB_TYPES[str(picture.format)] if is_plain else "", picture.format in _LOSSY)
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, ArithmeticError, LookupError) as error:
        # Pillow's decoders raise any of these for broken files.
        problem = f"is a broken picture: {quote(str(error))}; replace the file"
        raise MediaError(path, "media_broken", problem) from error


def is_heic(start: bytes) -> bool:
    """Return whether a file that begins so is a HEIC picture, as phones take them."""
    return start[4:8] == b"ftyp" and start[8:12] in _HEIC_BRANDS


def register_heic(path: Path) -> None:
    """Make Pillow read HEIC pictures.

    Args:
        path: The picture that needs it, for the message.

    Raises:
        SetupError: If pillow-heif is not installed.
    """
    try:
        from pillow_heif import register_heif_opener
    except ImportError as error:
        raise SetupError(f"{path}: HEIC pictures need pillow-heif; run: pip install 'descan[heic]'") from error
    register_heif_opener()


def flatten(image: Image.Image, path: Path) -> Image.Image:
    """Convert a picture to 8-bit grey or RGB, with transparent parts on white.

    Raises:
        MediaError: If its pixels are floating-point numbers, whose range is not known.
    """
    if image.has_transparency_data:
        on_white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(on_white, image.convert("RGBA")).convert("RGB")
    if image.mode in ("L", "RGB"):
        return image
    if image.mode == "I" or image.mode.startswith("I;16"):
        # 16 bits of grey to 8; Pillow itself would clip everything above 255.
        return image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if image.mode == "F":
        raise MediaError(path, "media_broken", "has pixels of mode F; store it with 8 or 16 bits a channel")
    flat = image.convert("L" if image.mode == "1" else "RGB")
    if image.mode not in _PLAIN_MODES:
        # The color profile describes the old colors, not the new ones.
        flat.info.pop("icc_profile", None)
    return flat


def crop_face(image: Image.Image, box: FaceBox, margin: float, path: Path) -> Image.Image:
    """Cut a face out of an upright picture.

    Args:
        image: The whole picture.
        box: Where the face is.
        margin: Added on each side, as a share of the box's width or height.
        path: Of the file, for error messages.

    Raises:
        MediaError: If the box does not touch the picture.
    """
    edges = box.cut_from(image.size, margin)
    if edges is None:
        problem = f"face_box {box} does not touch the picture of {image.width} x {image.height} pixels; correct it"
        raise MediaError(path, "face_box_outside", problem)
    return image.crop(edges)


def scale_down(image: Image.Image, max_side: int | None) -> Image.Image:
    """Scale a picture down if its longest side has more pixels than allowed; None allows any."""
    if max_side is None or max(image.size) <= max_side:
        return image
    share = max_side / max(image.size)
    size = (max(1, round(image.width * share)), max(1, round(image.height * share)))
    return image.resize(size, Image.Resampling.LANCZOS)


def encode_picture(image: Image.Image, *, is_lossy: bool) -> Part:
    """Encode a picture as PNG, or as JPEG if loss is acceptable or the PNG would be very large."""
    profile = image.info.get("icc_profile")
    buffer = io.BytesIO()
    if not is_lossy:
        image.save(buffer, "PNG", icc_profile=profile)
        if buffer.tell() <= _MAX_PNG_BYTES:
            return Part.of(buffer.getvalue(), "image/png")
        buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_JPEG_QUALITY, subsampling=0, icc_profile=profile)
    return Part.of(buffer.getvalue(), "image/jpeg")


def picture_size(part: Part) -> tuple[int, int]:
    """Return width and height of an encoded picture without decoding it."""
    with Image.open(io.BytesIO(part.data)) as picture:
        return picture.size


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence Pillow's warnings about a file, and raise the one about too many pixels."""
    with _FILTERS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _open(file: BinaryIO, path: Path, formats: tuple[str, ...]) -> Image.Image:
    try:
        return Image.open(file, formats=formats)
    except UnidentifiedImageError as error:
        allowed = "replace it by a JPEG, PNG, WebP, GIF, BMP, TIFF or HEIC file"
        raise MediaError(path, "media_broken", f"is not a picture that can be read; {allowed}") from error
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _too_large(path, MAX_PIXELS) from error


def _too_large(path: Path, max_pixels: int) -> MediaError:
    return MediaError(path, "media_too_large", f"has more than {max_pixels} pixels; scale it down")


def _is_plain(picture: Image.Image) -> bool:
    if picture.format not in _WEB_TYPES or picture.mode not in (*_PLAIN_MODES, "RGBA", "LA"):
        return False
    # The further pictures of an MPO file are other views, which JPEG readers do not show.
    is_still = picture.format == "MPO" or getattr(picture, "n_frames", 1) == 1
    return is_still and not _is_transparent(picture)


def _is_transparent(picture: Image.Image) -> bool:
    return picture.has_transparency_data and picture.convert("RGBA").getchannel("A").getextrema() != (255, 255)
