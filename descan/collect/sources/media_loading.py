"""Load the media of an item, ready to be sent."""

import io
import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import Call
from descan.collect.sources.media_index import MediaIndex
from descan.collect.sources.source_items import SourceItem, hash_text
from descan.media.media_files import VIDEO_TYPES, MediaError, Part

TEXT_MARK = "{description}"
"""Where the text stands in a prompt about texts."""

Clip = Literal["frames", "silent", "with sound"]
"""What a model gets of a clip: pictures of it, or all of it."""

_MAX_BYTES = 500_000_000
_MAX_FRAMES = 100


@dataclass(frozen=True, slots=True)
class LoadedMedia:
    """What is sent for an item.

    Attributes:
        parts: The media, in the order in which the model gets them.
        media_sha256: Of the file's bytes, or of the text, in hexadecimal.
        n_frames: How many frames of a clip are sent; None for a picture, or a clip that is sent whole.
        clip: What is sent of a clip; None for a picture.
        seconds: Of a clip that is sent whole.
        text: What a prompt has in the place of `TEXT_MARK`; None of a picture or clip.
    """

    parts: tuple[Part, ...]
    media_sha256: str
    n_frames: int | None = None
    clip: Clip | None = None
    seconds: float | None = None
    text: str | None = None

    def call(self, prompt: str) -> Call:
        """Return the request that asks a prompt about it."""
        return Call(prompt if self.text is None else prompt.replace(TEXT_MARK, self.text), self.parts)


class MediaLoader:
    """Loads media; several threads may use it at once, and it holds nothing between calls."""

    def __init__(self, crop_margin: float | None = None, index: MediaIndex | None = None) -> None:
        """Set what is sent besides the whole picture.

        Args:
            crop_margin: Also send the face, cut out by the item's face box. The margin is added on each side, as a
                share of the box's width or height. None sends the picture alone.
            index: Remembers the hash of every file that is loaded.
        """
        self._crop_margin = crop_margin
        self._index = index

    def load(self, item: SourceItem, settings: ModelSettings) -> LoadedMedia:
        """Load an item's file and prepare what is sent.

        Args:
            item: The item.
            settings: Of the model: `max_side` for pictures; also `clips`, `n_frames`, `fps` and `audio` for clips.

        Raises:
            MediaError: If this item's file cannot be sent.
            SetupError: If clips need a package that is not installed.
        """
        if item.text is not None:
            return LoadedMedia((), hash_text(item.text), text=item.text)
        data, digest = self._read(item)
        video_type = VIDEO_TYPES.get(item.path.suffix.lower())
        if video_type is None:
            return LoadedMedia(self._picture_parts(data, item, settings), digest)
        if self._crop_margin is not None:
            problem = "is a video, and faces are cropped from pictures only; leave --crop out"
            raise MediaError(item.path, "crop_of_video", problem)
        return _load_clip(data, digest, item.path, video_type, settings)

    def _read(self, item: SourceItem) -> tuple[bytes, str]:
        try:
            with item.path.open("rb") as file:
                found = os.fstat(file.fileno())
                if found.st_size > _MAX_BYTES:
                    problem = f"has {found.st_size} bytes; {_MAX_BYTES} are allowed"
                    raise MediaError(item.path, "media_too_large", problem)
                data = file.read()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise MediaError(item.path, "media_missing", "does not exist; put it back") from error
        except OSError as error:
            problem = f"cannot be read: {error.strerror}; make it readable"
            raise MediaError(item.path, "media_unreadable", problem) from error
        if len(data) != found.st_size:
            problem = f"cannot be read whole: {len(data)} of {found.st_size} bytes came; make it readable"
            raise MediaError(item.path, "media_unreadable", problem)
        if not data:
            raise MediaError(item.path, "media_empty", "is empty; replace the file")
        digest = sha256(data).hexdigest()
        if self._index is not None:
            self._index.remember(item, found, digest)
        return data, digest

    def _picture_parts(self, data: bytes, item: SourceItem, settings: ModelSettings) -> tuple[Part, ...]:
        """Return the picture, as the very bytes of the file if every provider reads them alike, and the face."""
        from descan.media.pictures import crop_face, decode_picture, encode_picture, flatten, scale_down

        path, max_side = item.path, settings.max_side
        if self._crop_margin is not None and item.face_box is None:
            raise MediaError(path, "no_face_box", "has no face_box to crop by; give it one or leave --crop out")
        picture = decode_picture(io.BytesIO(data), path)
        if picture.web_type and (max_side is None or max(picture.image.size) <= max_side):
            whole = Part.of(data, picture.web_type)
        else:
            whole = encode_picture(scale_down(flatten(picture.image, path), max_side), is_lossy=picture.is_lossy)
        if self._crop_margin is None or item.face_box is None:
            return (whole,)
        face = crop_face(flatten(picture.image, path), item.face_box, self._crop_margin, path)
        return whole, encode_picture(scale_down(face, max_side), is_lossy=picture.is_lossy)


def _load_clip(data: bytes, digest: str, path: Path, video_type: str, settings: ModelSettings) -> LoadedMedia:
    from descan.media.clips import clip_seconds, first_frame, has_sound, remove_sound, sample_frames

    if not settings.sends_whole_clips:
        n_frames = settings.n_frames
        if settings.fps is not None:
            n_frames = min(_MAX_FRAMES, max(1, round(clip_seconds(data, path) * settings.fps)))
        parts = sample_frames(data, path, n_frames=n_frames, max_side=settings.max_side)
        return LoadedMedia(parts, digest, len(parts), "frames")
    first_frame(io.BytesIO(data), path)  # A clip that cannot be decoded is not sent.
    seconds = clip_seconds(data, path)
    if settings.audio and has_sound(data, path):
        return LoadedMedia((Part(data, video_type, digest),), digest, clip="with sound", seconds=seconds)
    silent = remove_sound(data, path)
    part = Part(data, video_type, digest) if silent is data else Part.of(silent, video_type)
    return LoadedMedia((part,), digest, clip="silent", seconds=seconds)
