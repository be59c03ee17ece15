"""Media that a log names: they stay where they are, and the corpus says where that is."""

import os
from pathlib import Path

from descan.storage.paths import relative_name


class MediaPlaces:
    """Finds the media of one log after another.

    Attributes:
        n_found: Media that are there.
        n_missing: Those that are not, or are not on this machine.
    """

    def __init__(self, media_folder: Path | str | None) -> None:
        """Look in a folder, or else in that of each log, and last in the current one."""
        self.n_found = 0
        self.n_missing = 0
        self._folder = None if media_folder is None else Path(media_folder)

    def find(self, name: str, log: Path) -> str:
        """Return the absolute path of a file, or the name as it is if there is no such file."""
        for folder in (log.parent if self._folder is None else self._folder, Path()):
            path = Path.cwd() / folder / name
            if "://" not in name and path.is_file():
                self.n_found += 1
                return os.path.normpath(path)
        self.n_missing += 1
        return name


def name_from(path: str, folder: str) -> str:
    """Return a path as a corpus in a folder, whose real path is given, names it: relative if it is absolute."""
    return relative_name(Path(path), folder) if Path(path).is_absolute() else path
