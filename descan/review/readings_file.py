"""The file of readings: on the disk before the next text is shown, whole at whatever instant the program ends."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from descan.corpus.readings import ReaderKind
from descan.errors import InputError, explain_os_error
from descan.lexicon import describe_problem
from descan.storage.atomic import remove_leftovers, write_file
from descan.storage.folder_lock import FolderBusyError, lock_folder
from descan.storage.safe_csv import format_rows

Key = tuple[str, str, int]


class Reading(BaseModel):
    """What one reader read in one description.

    Attributes:
        described: A category, Undecided, `refusal`, or empty where the reader cannot tell.
        second: The category that comes second, or empty.
        read_at: When, in ISO 8601.
        present: Actions that the text says are there; None where the reader marked no actions.
        denied: Actions that the text says are not there; None likewise.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    item_id: str
    model: str
    repeat: int = Field(default=0, ge=0)
    reader: str = ""
    kind: str = ReaderKind.PERSON
    described: str = ""
    second: str = ""
    note: str = ""
    read_at: str = ""
    present: tuple[str, ...] | None = None
    denied: tuple[str, ...] | None = None

    @property
    def key(self) -> Key:
        """What names the description in the answers."""
        return self.item_id, self.model, self.repeat


@dataclass(slots=True)
class ReadingsFile:
    """Readings as JSON Lines, one a line. Every change replaces the file in one step and is flushed to the disk.

    Attributes:
        path: The file.
        readings: All that it holds, in the order in which they were made.
    """

    path: Path
    readings: list[Reading] = field(default_factory=list)

    def add(self, *readings: Reading) -> None:
        """Add readings.

        Raises:
            OSError: If the file cannot be written; nothing is added then.
        """
        self._replace([*self.readings, *readings])

    def remove(self, removed: Sequence[Reading]) -> None:
        """Remove readings.

        Raises:
            OSError: If the file cannot be written; nothing is removed then.
        """
        places = {id(reading) for reading in removed}
        self._replace([reading for reading in self.readings if id(reading) not in places])

    def of_reader(self, reader: str) -> list[Reading]:
        """Return the readings of one reader, in the order in which they were made."""
        return [reading for reading in self.readings if reading.reader == reader]

    def write_csv(self) -> str:
        """Return the readings as a table, a row each, in cells that are safe to open; `; ` stands between actions."""
        columns = list(Reading.model_fields)
        rows = [[_cell(getattr(reading, column)) for column in columns] for reading in self.readings]
        return format_rows([columns, *rows])

    def _replace(self, readings: list[Reading]) -> None:
        write_file(self.path, "".join(_line(reading) for reading in readings))
        self.readings = readings


@contextmanager
def open_readings(path: Path) -> Iterator[ReadingsFile]:
    """Open a file of readings, which need not be there yet, for this program alone.

    Raises:
        InputError: If a line is not a reading, another program has the file open, or it cannot be read or written.
    """
    if path.suffix.lower() not in (".jsonl", ".ndjson"):
        raise InputError(path, "readings are kept as JSON Lines; use a name that ends in .jsonl")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with lock_folder(path.parent, f".{path.name}.lock"):
            remove_leftovers(path.parent)
            yield ReadingsFile(path, _load(path))
    except FolderBusyError as error:
        raise InputError(path, "is open in another `descan review`; several people can read in one") from error


def _load(path: Path) -> list[Reading]:
    try:
        lines = path.read_text("utf-8").split("\n")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise explain_os_error(error, "cannot be read", path) from error
    except UnicodeDecodeError as error:
        raise InputError(path, "is not text in UTF-8; name a file of readings") from error
    return [_parse(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]


def _parse(path: Path, number: int, line: str) -> Reading:
    try:
        return Reading.model_validate(json.loads(line))
    except ValidationError as error:
        raise InputError(path, f"this is not a reading: {describe_problem(error, Reading)}", number) from error
    except (ValueError, RecursionError) as error:
        raise InputError(path, "this is not a reading, a JSON object with item_id and model", number) from error


def _cell(value: str | int | tuple[str, ...] | None) -> str | int | None:
    return "; ".join(value) if isinstance(value, tuple) else value


def _line(reading: Reading) -> str:
    return json.dumps(reading.model_dump(exclude_none=True), ensure_ascii=False) + "\n"
