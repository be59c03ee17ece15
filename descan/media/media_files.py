"""Media files: their kinds, what can be wrong with one, and the form in which one is sent."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from descan.errors import InputError

IMAGE_SUFFIXES = (".bmp", ".gif", ".heic", ".heif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")

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
"""MIME type of a clip by suffix, in the spelling of the Gemini API where it has one."""

SUFFIXES = (*IMAGE_SUFFIXES, *VIDEO_TYPES)


_PASSING = ("media_missing", "media_unreadable", "media_changed")
"""Codes of what may be the fault of a disk or a network, not of the file."""


class MediaError(InputError):
    """The media of one item cannot be used; those of the other items can.

    Attributes:
        code: A stable name: `media_missing`, `media_unreadable`, `media_empty`, `media_broken`, `media_too_large`,
            `media_changed`, `no_face_box`, `face_box_outside` or `crop_of_video`.
    """

    def __init__(self, path: Path, code: str, problem: str) -> None:
        """Say in one line what is wrong with the file at `path`."""
        super().__init__(path, problem)
        self.code = code

    @property
    def is_passing(self) -> bool:
        """Whether the file may be sound another time, as after a network drive has come back."""
        return self.code in _PASSING


@dataclass(frozen=True, slots=True)
class Part:
    """A picture or clip, ready to be sent.

    Attributes:
        data: The encoded file.
        mime_type: `image/jpeg`, `image/png`, `image/webp`, or `video/...`.
        sha256: Of `data`, in hexadecimal.
    """

    data: bytes
    mime_type: str
    sha256: str

    @classmethod
    def of(cls, data: bytes, mime_type: str) -> "Part":
        """Hash the encoded file."""
        return cls(data, mime_type, sha256(data).hexdigest())

    def data_url(self) -> str:
        """Encode the file in base64; the result is not kept, since 64 requests at once should need little memory."""
        return f"data:{self.mime_type};base64,{b64encode(self.data).decode('ascii')}"
