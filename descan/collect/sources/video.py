"""Videos: checked, and sampled for providers that take none."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from descan.collect.providers.protocol import Part
from descan.collect.sources.media_files import MediaError
from descan.collect.sources.pictures import encode_picture, scale_down
from descan.errors import SetupError, quoted

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer

# What is not among these could be a playlist, which would have other files and addresses read.
_FORMATS = "asf,avi,flv,matroska,mov,mpeg,mpegvideo,mpegts,webm"


def check_video(data: bytes, path: Path) -> None:
    """Check that a video has a frame that can be decoded.

    Raises:
        MediaError: If it has none.
        SetupError: If PyAV is not installed.
    """
    with _opened(data, path) as container:
        if next(container.decode(video=0), None) is None:
            raise MediaError(path, "media_broken", "has no frame; replace the file")


def video_frames(data: bytes, path: Path, *, n_frames: int, max_side: int | None) -> tuple[Part, ...]:
    """Give frames of a video as JPEG pictures: it is cut into equal stretches, and the middle of each is taken.

    Args:
        data: The bytes of the file.
        path: The file, for the message of an error.
        n_frames: How many; a video that has fewer gives all it has.
        max_side: Longest side in pixels; larger frames are scaled down. None for no limit.

    Raises:
        MediaError: If it is not a video, broken, or without a frame.
        SetupError: If PyAV is not installed.
    """
    positions = _middles(_count_packets(data, path), n_frames)
    parts, n_found = _take_frames(data, path, positions, max_side)
    if len(parts) < len(positions):
        # Some packets gave no frame of their own, as the second fields of interlaced pictures.
        parts, n_found = _take_frames(data, path, _middles(n_found, n_frames), max_side)
    if not parts:
        raise MediaError(path, "media_broken", "has no frame; replace the file")
    return parts


def _middles(n_all: int, n_wanted: int) -> tuple[int, ...]:
    """Give the positions in the middle of each of `n_wanted` equal stretches of `n_all` frames."""
    n = min(n_all, n_wanted)
    return tuple((2 * i + 1) * n_all // (2 * n) for i in range(n))


def _count_packets(data: bytes, path: Path) -> int:
    with _opened(data, path) as container:
        return sum(packet.size > 0 for packet in container.demux(video=0))


def _take_frames(
    data: bytes, path: Path, positions: tuple[int, ...], max_side: int | None
) -> tuple[tuple[Part, ...], int]:
    """Decode up to the last position; also give how many frames there were up to it."""
    wanted = frozenset(positions)
    n_needed = max(positions, default=-1) + 1
    parts = []
    n_found = 0
    with _opened(data, path) as container:
        for frame in container.decode(video=0):
            if n_found in wanted:
                _check_size(frame, path)
                parts.append(encode_picture(scale_down(_upright(frame), max_side), is_lossy=True))
            n_found += 1
            if n_found == n_needed:
                break
    return tuple(parts), n_found


def _check_size(frame: "VideoFrame", path: Path) -> None:
    if Image.MAX_IMAGE_PIXELS is not None and frame.width * frame.height > Image.MAX_IMAGE_PIXELS:
        problem = f"has frames of more than {Image.MAX_IMAGE_PIXELS} pixels; scale it down"
        raise MediaError(path, "media_too_large", problem)


def _upright(frame: "VideoFrame") -> Image.Image:
    image = Image.fromarray(frame.to_ndarray(format="rgb24"))
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image


@contextmanager
def _opened(data: bytes, path: Path) -> Iterator["InputContainer"]:
    try:
        import av
    except ImportError as error:
        raise SetupError(f"{path}: videos need PyAV; run: pip install 'descan[video]'") from error
    try:
        with av.open(io.BytesIO(data), mode="r", options={"format_whitelist": _FORMATS}) as container:
            if not container.streams.video:
                raise MediaError(path, "media_broken", "has no moving picture; replace the file")
            yield container
    except (av.FFmpegError, ValueError) as error:
        found = getattr(error, "strerror", None) or str(error)
        problem = f"is a broken video: {quoted(found)}; replace the file"
        raise MediaError(path, "media_broken", problem) from error
