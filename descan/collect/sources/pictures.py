"""Pictures made ready to be sent: upright, not too large, in a format that providers read."""

import io
import struct
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from descan.collect.providers.protocol import Part
from descan.collect.sources.faces import FaceBox
from descan.collect.sources.media_files import MediaError
from descan.errors import quoted

_SENT_AS_IS = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_READ = ("BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")
_PLAIN_MODES = ("1", "L", "P", "RGB")
_JPEG_QUALITY = 95
_MAX_PNG_BYTES = 8_000_000

# Changing the warning filters is not safe among threads, so that only one at a time does.
_FILTERS = threading.Lock()


@dataclass(frozen=True, slots=True)
class Cut:
    """What is cut from a picture beside the whole.

    Attributes:
        box: Where the face is.
        margin: Added on each side, as a share of the box's width or height.
    """

    box: FaceBox
    margin: float


def picture_parts(data: bytes, path: Path, *, max_side: int | None, cut: Cut | None) -> tuple[Part, ...]:
    """Give a picture as it is to be sent, and the part with the face behind it if wanted.

    The bytes stay as they are where that is possible: a whole JPEG, PNG or WebP picture, one frame, upright, without
    transparency, of common colours and not too large.

    Args:
        data: The bytes of the file.
        path: The file, for the message of an error.
        max_side: Longest side in pixels; larger pictures are scaled down. None for no limit.
        cut: What to cut out, from the picture as it is before scaling.

    Raises:
        MediaError: If it is not a picture, broken, too large to open, or the box does not touch it.
    """
    decoded = _decoded(data, path)
    if decoded.is_fit and (max_side is None or max(decoded.image.size) <= max_side):
        whole = _part(data, decoded.mime_type)
    else:
        whole = encode_picture(scale_down(_plain(decoded.image, path), max_side), is_lossy=decoded.is_lossy)
    if cut is None:
        return (whole,)
    face = scale_down(_cut_out(_plain(decoded.image, path), cut, path), max_side)
    return whole, encode_picture(face, is_lossy=decoded.is_lossy)


def encode_picture(image: Image.Image, *, is_lossy: bool) -> Part:
    """Write a picture as PNG, or as JPEG if some loss is no matter or the PNG would be very large."""
    profile = image.info.get("icc_profile")
    buffer = io.BytesIO()
    if not is_lossy:
        image.save(buffer, "PNG", icc_profile=profile)
        if buffer.tell() <= _MAX_PNG_BYTES:
            return _part(buffer.getvalue(), "image/png")
        buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_JPEG_QUALITY, subsampling=0, icc_profile=profile)
    return _part(buffer.getvalue(), "image/jpeg")


def scale_down(image: Image.Image, max_side: int | None) -> Image.Image:
    """Make a picture smaller if its longest side has more pixels than allowed; None allows any."""
    if max_side is None or max(image.size) <= max_side:
        return image
    share = max_side / max(image.size)
    size = (max(1, round(image.width * share)), max(1, round(image.height * share)))
    return image.resize(size, Image.Resampling.LANCZOS)


def _part(data: bytes, mime_type: str) -> Part:
    return Part(data, mime_type, sha256(data).hexdigest())


@dataclass(frozen=True, slots=True)
class _Decoded:
    """A picture with its pixels.

    Attributes:
        image: Upright.
        mime_type: Of the file, if it is fit.
        is_fit: Every provider reads the file as descan does.
        is_lossy: The file is one of JPEG.
    """

    image: Image.Image
    mime_type: str
    is_fit: bool
    is_lossy: bool


def _decoded(data: bytes, path: Path) -> _Decoded:
    try:
        with _no_warnings():
            picture = _opened(data, path)
            is_upright = picture.getexif().get(ExifTags.Base.Orientation, 1) not in range(2, 9)
            if picture.format == "TIFF":
                # Only when it is decoded is all of its EXIF block read.
                picture.load()
            image = picture if is_upright else ImageOps.exif_transpose(picture)
        image.load()
        return _Decoded(
            image=image,
            mime_type=_SENT_AS_IS.get(str(picture.format), ""),
            is_fit=is_upright and _is_common(picture),
            is_lossy=picture.format in ("JPEG", "MPO"),
        )
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, ArithmeticError, LookupError) as error:
        # Pillow's decoders meet broken files with any of these.
        problem = f"is a broken picture: {quoted(str(error))}; replace the file"
        raise MediaError(path, "media_broken", problem) from error


@contextmanager
def _no_warnings() -> Iterator[None]:
    """Let no warning about a file out, and make an error of the one that it may fill the memory."""
    with _FILTERS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _opened(data: bytes, path: Path) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=_READ)
    except UnidentifiedImageError as error:
        allowed = "replace it by a JPEG, PNG, WebP, GIF, BMP or TIFF file"
        raise MediaError(path, "media_broken", f"is not a picture that can be read; {allowed}") from error
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        problem = f"has more than {Image.MAX_IMAGE_PIXELS} pixels; scale it down"
        raise MediaError(path, "media_too_large", problem) from error


def _is_common(picture: Image.Image) -> bool:
    if picture.format not in _SENT_AS_IS or picture.mode not in (*_PLAIN_MODES, "RGBA", "LA"):
        return False
    # The further pictures of an MPO file are other views, which readers of JPEG do not see.
    is_still = picture.format == "MPO" or getattr(picture, "n_frames", 1) == 1
    return is_still and not _is_transparent(picture)


def _is_transparent(picture: Image.Image) -> bool:
    return picture.has_transparency_data and picture.convert("RGBA").getchannel("A").getextrema() != (255, 255)


def _plain(picture: Image.Image, path: Path) -> Image.Image:
    """Give a picture in grey or RGB; what is transparent lies on white."""
    if picture.has_transparency_data:
        on_white = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(on_white, picture.convert("RGBA")).convert("RGB")
    if picture.mode in ("L", "RGB"):
        return picture
    if picture.mode == "I" or picture.mode.startswith("I;16"):
        # 16 bits of grey to 8; Pillow itself would clip whatever is beyond 255.
        return picture.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if picture.mode == "F":
        raise MediaError(path, "media_broken", "has pixels of mode F; store it with 8 or 16 bits a channel")
    image = picture.convert("L" if picture.mode == "1" else "RGB")
    if picture.mode not in _PLAIN_MODES:
        # A profile of the old colours says nothing about the new ones.
        image.info.pop("icc_profile", None)
    return image


def _cut_out(image: Image.Image, cut: Cut, path: Path) -> Image.Image:
    edges = cut.box.cut_from(image.size, cut.margin)
    if edges is None:
        problem = f"face_box {cut.box} does not touch the picture of {image.width} x {image.height} pixels; correct it"
        raise MediaError(path, "face_box_outside", problem)
    return image.crop(edges)
