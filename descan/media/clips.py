"""Clips: checked, and sampled as pictures for those that take no video."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from PIL import Image

from descan.errors import SetupError, quote
from descan.media.media_files import MediaError, Part
from descan.media.pictures import MAX_PIXELS, encode_picture, scale_down

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer

# Any other format could be a playlist, which makes FFmpeg open other files and addresses.
_FORMATS = "asf,avi,flv,matroska,mov,mpeg,mpegvideo,mpegts,webm"

_MUXERS = {
    ".3gp": "3gp",
    ".avi": "avi",
    ".flv": "flv",
    ".m4v": "mp4",
    ".mkv": "matroska",
    ".mov": "mov",
    ".mp4": "mp4",
    ".mpeg": "mpeg",
    ".mpg": "mpeg",
    ".webm": "webm",
    ".wmv": "asf",
}
"""How FFmpeg calls the format of each kind of clip."""

_TICKS_PER_SECOND = 1_000_000
_USUAL_RATE = 25
"""Frames of a second where a clip does not say."""


def first_frame(file: BinaryIO, path: Path, *, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """Decode the first frame of a clip, upright.

    Raises:
        MediaError: If it is not a clip, is broken, has no frame, or its frames are too large.
        SetupError: If PyAV is not installed.
    """
    with _open(file, path) as container:
        frame = next(container.decode(video=0), None)
        if frame is None:
            raise MediaError(path, "media_broken", "has no frame; replace the file")
        return _decode_frame(frame, path, max_pixels)


def sample_frames(data: bytes, path: Path, *, n_frames: int, max_side: int | None) -> tuple[Part, ...]:
    """Return frames of a clip as JPEG pictures: the middle one of each of `n_frames` equal stretches.

    Args:
        data: The bytes of the file.
        path: The file, for error messages.
        n_frames: How many; a clip that has fewer gives all it has.
        max_side: Longest side in pixels; larger frames are scaled down. None for no limit.

    Raises:
        MediaError: If it is not a clip, is broken, has no frame, or its frames are too large.
        SetupError: If PyAV is not installed.
    """
    positions = _middles(_count_packets(data, path), n_frames)
    parts, n_found = _encode_frames(data, path, positions, max_side)
    if len(parts) < len(positions):
        # Some packets hold no frame of their own, such as the second fields of interlaced pictures.
        parts, n_found = _encode_frames(data, path, _middles(n_found, n_frames), max_side)
    if not parts:
        raise MediaError(path, "media_broken", "has no frame; replace the file")
    return parts


def clip_seconds(data: bytes, path: Path) -> float:
    """Return how long a clip is.

    Raises:
        MediaError: If it is not a clip, or is broken.
        SetupError: If PyAV is not installed.
    """
    with _open(io.BytesIO(data), path) as container:
        stream = container.streams.video[0]
        if stream.duration is not None and stream.time_base is not None:
            return float(stream.duration * stream.time_base)
        if container.duration is not None:
            return container.duration / _TICKS_PER_SECOND
        rate = float(stream.average_rate or _USUAL_RATE)
        return sum(packet.size > 0 for packet in container.demux(video=0)) / rate


def remove_sound(data: bytes, path: Path) -> bytes:
    """Return a clip without its sound: the frames are copied, not encoded again.

    A clip that has no sound comes back as it is.

    Raises:
        MediaError: If it is not a clip, is broken, or its frames cannot be copied.
        SetupError: If PyAV is not installed.
    """
    with _open(io.BytesIO(data), path) as source:
        if not source.streams.audio:
            return data
        import av

        buffer = io.BytesIO()
        try:
            with av.open(buffer, mode="w", format=_MUXERS[path.suffix.lower()]) as silent:
                copy = silent.add_stream_from_template(source.streams.video[0])
                for packet in source.demux(video=0):
                    if packet.dts is not None:
                        packet.stream = copy
                        silent.mux(packet)
        except (av.FFmpegError, ValueError) as error:
            found = getattr(error, "strerror", None) or str(error)
            problem = f"cannot be copied without its sound: {quote(found)}; convert it to .mp4, or send pictures of it"
            raise MediaError(path, "media_broken", problem) from error
        return buffer.getvalue()


def has_sound(data: bytes, path: Path) -> bool:
    """Return whether a clip has a track of sound.

    Raises:
        MediaError: If it is not a clip, or is broken.
        SetupError: If PyAV is not installed.
    """
    with _open(io.BytesIO(data), path) as container:
        return bool(container.streams.audio)


def _middles(n_all: int, n_wanted: int) -> tuple[int, ...]:
    """Return the positions in the middle of each of `n_wanted` equal stretches of `n_all` frames."""
    n = min(n_all, n_wanted)
    return tuple((2 * i + 1) * n_all // (2 * n) for i in range(n))


def _count_packets(data: bytes, path: Path) -> int:
    with _open(io.BytesIO(data), path) as container:
        return sum(packet.size > 0 for packet in container.demux(video=0))


def _encode_frames(
    data: bytes, path: Path, positions: tuple[int, ...], max_side: int | None
) -> tuple[tuple[Part, ...], int]:
    """Encode the frames at some positions; also return how many frames there were up to the last of them."""
    wanted = frozenset(positions)
    n_needed = max(positions, default=-1) + 1
    parts = []
    n_found = 0
    with _open(io.BytesIO(data), path) as container:
        for frame in container.decode(video=0):
            if n_found in wanted:
                image = scale_down(_decode_frame(frame, path, MAX_PIXELS), max_side)
                parts.append(encode_picture(image, is_lossy=True))
            n_found += 1
            if n_found == n_needed:
                break
    return tuple(parts), n_found


def _decode_frame(frame: "VideoFrame", path: Path, max_pixels: int) -> Image.Image:
    if frame.width * frame.height > max_pixels:
        problem = f"has frames of more than {max_pixels} pixels; scale it down"
        raise MediaError(path, "media_too_large", problem)
    image = Image.fromarray(frame.to_ndarray(format="rgb24"))
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image


@contextmanager
def _open(file: BinaryIO, path: Path) -> Iterator["InputContainer"]:
    try:
        import av
    except ImportError as error:
        raise SetupError(f"{path}: videos need PyAV; run: pip install 'descan[video]'") from error
    try:
        with av.open(file, mode="r", options={"format_whitelist": _FORMATS}) as container:
            if not container.streams.video:
                raise MediaError(path, "media_broken", "has no moving picture; replace the file")
            yield container
    except (av.FFmpegError, ValueError) as error:
        found = getattr(error, "strerror", None) or str(error)
        problem = f"is a broken video: {quote(found)}; replace the file"
        raise MediaError(path, "media_broken", problem) from error
