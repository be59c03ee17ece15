"""Who reads which text next, and what becomes of a reading."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock

from descan.corpus.readings import ReadingStatus
from descan.emotions import UNDECIDED, CategorySet
from descan.errors import InputError, quote
from descan.records import DESCAN
from descan.review.readings_file import Key, Reading, ReadingsFile
from descan.review.sampling import Description
from descan.terminal import plain

MAX_NAME = 100
MAX_NOTE = 2_000
"""Characters of the name of a reader, and of a note."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a reader is shown.

    Attributes:
        place: Of the description in the sample, or None when nothing is left to read.
        text: The description.
        language: ISO 639-1 code, or empty.
        n_read: Descriptions that the reader has read.
        n: Those that the reader will have read in the end.
        before: The reading that was just taken back, if one was.
    """

    place: int | None
    text: str
    language: str
    n_read: int
    n: int
    before: Reading | None = None


@dataclass(frozen=True, slots=True)
class Marks:
    """What a reader says of a text, as it comes from the page."""

    described: str
    second: str = ""
    note: str = ""
    present: tuple[str, ...] | None = None
    denied: tuple[str, ...] | None = None


@dataclass(slots=True)
class Marking:
    """A sample that several people read at the same time, blind.

    All read its first descriptions; each of the others is read by one person. Texts that are the same to the letter are
    shown once, and what is read in one holds for all.

    Attributes:
        file: Where readings go.
        sample: The descriptions, in the order in which they are read.
        n_shared: How many of them everybody reads.
        categories: The category set of the analysis.
        actions: Actions that can be marked.
    """

    file: ReadingsFile
    sample: Sequence[Description]
    n_shared: int
    categories: CategorySet
    actions: Sequence[str]
    _claims: dict[int, str] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    @property
    def choices(self) -> tuple[str, ...]:
        """What a text can be read as; empty is "cannot tell"."""
        return (*self.categories.names, UNDECIDED, ReadingStatus.REFUSAL, "")

    def next_task(self, reader: str) -> Task:
        """Return the next text of a reader.

        Raises:
            InputError: If the name cannot be one.
        """
        with self._lock:
            return self._next_task(self._find_reader(reader))

    def read(self, reader: str, place: int, marks: Marks) -> Task:
        """Keep a reading, and return the next text; a text that the reader has read already keeps its reading.

        Args:
            reader: Who has read.
            place: Of the description in the sample.
            marks: What was read.

        Raises:
            InputError: If there is no such place, or a mark is not one that is offered.
            OSError: If the file cannot be written.
        """
        self._check(place, marks)
        with self._lock:
            reader = self._find_reader(reader)
            read = self._keys_of(reader)
            description = self.sample[place]
            if description.key not in read:
                now = datetime.now(UTC).isoformat(timespec="seconds")
                alike = [each for each in self._open_to(reader) if each.text == description.text]
                self.file.add(
                    *(
                        Reading(
                            item_id=each.item_id,
                            model=each.model,
                            repeat=each.repeat,
                            reader=reader,
                            described=marks.described,
                            second=marks.second,
                            note=plain(marks.note).strip(),
                            present=marks.present,
                            denied=marks.denied,
                            read_at=now,
                        )
                        for each in dict.fromkeys((description, *alike))
                    )
                )
            return self._next_task(reader)

    def take_back(self, reader: str) -> Task:
        """Remove the last reading of a reader, and return its text again; the next text if there is none.

        Raises:
            InputError: If the name cannot be one.
            OSError: If the file cannot be written.
        """
        with self._lock:
            reader = self._find_reader(reader)
            places = {description.key: place for place, description in enumerate(self.sample)}
            last = next((one for one in reversed(self.file.of_reader(reader)) if one.key in places), None)
            if last is None:
                return self._next_task(reader)
            text = self.sample[places[last.key]].text
            self.file.remove(
                [
                    one
                    for one in self.file.of_reader(reader)
                    if one.key in places and self.sample[places[one.key]].text == text
                ]
            )
            return self._task(reader, places[last.key], last)

    def _find_reader(self, given: str) -> str:
        """Return the name of a reader as the file has it, whose case may differ, or as it is given."""
        name = _check_name(given)
        return next((one.reader for one in self.file.readings if one.reader.casefold() == name.casefold()), name)

    def _next_task(self, reader: str) -> Task:
        following = next(iter(self._open_to(reader)), None)
        return self._task(reader, None if following is None else self.sample.index(following))

    def _task(self, reader: str, place: int | None, before: Reading | None = None) -> Task:
        n_read = len(self._keys_of(reader) & {description.key for description in self.sample})
        n = n_read + len(self._open_to(reader))
        if place is None:
            return Task(None, "", "", n_read, n)
        self._claims[place] = reader
        shown = self.sample[place]
        return Task(place, shown.text, shown.language, n_read, n, before)

    def _open_to(self, reader: str) -> list[Description]:
        """Return what a reader can still read: what all read, and what no other has read or been shown."""
        own = self._keys_of(reader)
        taken = {reading.key for reading in self.file.readings if reading.reader != reader}
        return [
            description
            for place, description in enumerate(self.sample)
            if description.key not in own
            and (place < self.n_shared or (description.key not in taken and self._claims.get(place, reader) == reader))
        ]

    def _keys_of(self, reader: str) -> set[Key]:
        return {reading.key for reading in self.file.of_reader(reader)}

    def _check(self, place: int, marks: Marks) -> None:
        if not 0 <= place < len(self.sample):
            raise InputError(None, f"there is no text {place}; the sample has {len(self.sample)}")
        if marks.described not in self.choices:
            raise InputError(None, f"{quote(marks.described)} is not offered; use one of {', '.join(self.choices)}")
        if marks.second and marks.second not in self.categories.names:
            raise InputError(
                None, f"{quote(marks.second)} is no category; use one of {', '.join(self.categories.names)}"
            )
        if len(marks.note) > MAX_NOTE:
            raise InputError(None, f"the note has {len(marks.note):,} characters; {MAX_NOTE:,} are allowed")
        for action in (*(marks.present or ()), *(marks.denied or ())):
            if action not in self.actions:
                raise InputError(None, f"{quote(action)} is no action of the inventory")


def _check_name(reader: str) -> str:
    name = plain(reader).strip()
    if not 0 < len(name) <= MAX_NAME:
        raise InputError(None, f"a reader needs a name of 1 to {MAX_NAME} characters")
    if name.casefold() == DESCAN:
        raise InputError(None, f"{quote(name)} is what descan is called in the tables; use another name")
    return name
