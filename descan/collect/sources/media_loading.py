"""Media of an item, read and made ready to be sent."""

import os
from dataclasses import dataclass
from hashlib import sha256

from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import Part
from descan.collect.sources.media_files import VIDEO_TYPES, MediaError
from descan.collect.sources.media_index import MediaIndex
from descan.collect.sources.source_items import SourceItem

_MAX_BYTES = 500_000_000


@dataclass(frozen=True, slots=True)
class LoadedMedia:
    """What is sent for an item.

    Attributes:
        parts: The media, in the order in which the model gets them.
        media_sha256: Of the file's bytes, in hexadecimal.
        n_frames: How many frames of a video are sent, or None where it goes whole or is a picture.
    """

    parts: tuple[Part, ...]
    media_sha256: str
    n_frames: int | None = None


class MediaLoader:
    """Reads media; may be called by several threads at once, and holds nothing between calls."""

    def __init__(self, crop_margin: float | None = None, index: MediaIndex | None = None) -> None:
        """Set what is sent beside the whole picture.

        Args:
            crop_margin: Send the face too, cut out by the item's face box with this margin, a share of the box's
                width or height that is added on each side; None sends the picture alone.
            index: Remembers the hash of every file that is read.
        """
        self._crop_margin = crop_margin
        self._index = index

    def load(self, item: SourceItem, settings: ModelSettings, takes_video: bool) -> LoadedMedia:
        """Read an item's file and make ready what is sent.

        Args:
            item: The item.
            settings: Of the model: `max_side` for pictures and frames, `n_frames` for videos.
            takes_video: Send a video whole, not as frames.

        Raises:
            MediaError: If this item's file cannot be sent.
            SetupError: If videos need a package that is not installed.
        """
        data, digest = self._read(item)
        video_type = VIDEO_TYPES.get(item.path.suffix.lower())
        if video_type is None:
            return LoadedMedia(self._picture_parts(data, item, settings), digest)
        if self._crop_margin is not None:
            problem = "is a video, from which no face can be cut; leave --crop out"
            raise MediaError(item.path, "crop_of_video", problem)
        from descan.collect.sources.video import check_video, video_frames

        if takes_video:
            check_video(data, item.path)
            return LoadedMedia((Part(data, video_type, digest),), digest)
        parts = video_frames(data, item.path, n_frames=settings.n_frames, max_side=settings.max_side)
        return LoadedMedia(parts, digest, len(parts))

    def _read(self, item: SourceItem) -> tuple[bytes, str]:
        try:
            with item.path.open("rb") as file:
                found = os.fstat(file.fileno())
                if found.st_size > _MAX_BYTES:
                    problem = f"has {found.st_size} bytes; {_MAX_BYTES} are allowed"
                    raise MediaError(item.path, "media_too_large", problem)
                data = file.read()
        except FileNotFoundError as error:
            raise MediaError(item.path, "media_missing", "does not exist; put it back") from error
        except OSError as error:
            problem = f"cannot be read: {error.strerror}; make it readable"
            raise MediaError(item.path, "media_unreadable", problem) from error
        if not data:
            raise MediaError(item.path, "media_empty", "is empty; replace the file")
        digest = sha256(data).hexdigest()
        if self._index is not None:
            self._index.remember(item, found, digest)
        return data, digest

    def _picture_parts(self, data: bytes, item: SourceItem, settings: ModelSettings) -> tuple[Part, ...]:
        from descan.collect.sources.pictures import Cut, picture_parts

        cut = None
        if self._crop_margin is not None:
            if item.face_box is None:
                raise MediaError(item.path, "no_face_box", "has no face_box to cut by; give it one or leave --crop out")
            cut = Cut(item.face_box, self._crop_margin)
        return picture_parts(data, item.path, max_side=settings.max_side, cut=cut)
