"""What a source holds: items with the files that are sent for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from descan.collect.sources.faces import FaceBox


@dataclass(frozen=True, slots=True)
class SourceItem:
    """One picture or clip to ask about.

    Attributes:
        item_id: Unique in its source, and the same at every reading.
        path: The media file, absolute.
        gold: One of the seven categories, or None where unknown.
        group: Source clip or subject, or None where unknown.
        face_box: Where the face is, or None where unknown.
    """

    item_id: str
    path: Path
    gold: str | None = None
    group: str | None = None
    face_box: FaceBox | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """The items of a source, in its order.

    Attributes:
        items: At least one.
        labels: Alias -> category, as given and as the source's `corpus.toml` says, for the corpus that is made.
        left_out: Reason -> how many files were skipped: `hidden` or `not_media`.
    """

    items: tuple[SourceItem, ...]
    labels: Mapping[str, str]
    left_out: Mapping[str, int]
