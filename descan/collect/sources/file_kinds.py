"""What a media file really is, told by its first bytes, so that files that cannot be sent are found before a run."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from descan.collect.sources.source_items import SourceItem
from descan.media.media_files import VIDEO_TYPES
from descan.media.pictures import is_heic, register_heic

_N_BYTES = 512
_N_THREADS = 8
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM", *_TIFF)
_OTHERS = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM clip"),
    (b"8BPS", "a Photoshop picture"),
)


def find_unusable(items: Iterable[SourceItem]) -> Iterator[tuple[SourceItem, str]]:
    """Yield the items whose files cannot be sent, as far as their first bytes tell, and what is wrong with each.

    Raises:
        SetupError: If there are HEIC pictures, and pillow-heif is not installed.
    """
    with ThreadPoolExecutor(_N_THREADS, thread_name_prefix="kinds") as threads:
        items = list(items)
        for item, problem in zip(items, threads.map(lambda item: _find_problem(item.path), items), strict=True):
            if problem:
                yield item, problem


def _find_problem(path: Path) -> str:
    try:
        with path.open("rb") as file:
            start = file.read(_N_BYTES)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if not start:
        return "is empty"
    if path.suffix.lower() in VIDEO_TYPES:
        return "is text, not a clip" if _is_text(start) else ""
    if is_heic(start):
        register_heic(path)
        return ""
    if start.startswith(_PICTURES) or (start[:4], start[8:12]) == (b"RIFF", b"WEBP"):
        return ""
    return f"is {_name_kind(start)}, not a picture that can be read"


def _name_kind(start: bytes) -> str:
    if start[4:8] == b"ftyp":
        return "an AVIF picture" if start[8:12] in (b"avif", b"avis") else "a clip"
    known = next((name for magic, name in _OTHERS if start.startswith(magic)), "")
    return known or ("text" if _is_text(start) else "something else")


def _is_text(start: bytes) -> bool:
    try:
        text = start.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text = start[: error.start].decode("utf-8-sig", "ignore") if error.start > _N_BYTES - 4 else ""
    return bool(text.strip()) and all(character.isprintable() or character.isspace() for character in text)
