"""Gold cells into categories; the words that name none are told all at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from descan.corpus.spellings import find_category, names_contempt, spell_cell
from descan.emotions import Emotion
from descan.errors import InputError, quote

_N_WORDS = 20
_N_LINES = 3


@dataclass(slots=True)
class _Unknown:
    """A word that names no category: how many rows have it, and the first lines."""

    word: str
    is_contempt: bool
    n: int = 0
    lines: list[int] = field(default_factory=list)

    def __str__(self) -> str:
        """Return the word with its rows."""
        more = " and more" if self.n > len(self.lines) else ""
        rows = f"{self.n:,} rows, lines" if self.n > 1 else "line"
        return f"{self.word} ({rows} {', '.join(map(str, self.lines))}{more})"


class GoldParser:
    """Parses the gold cells of one file; `check` after the last one."""

    def __init__(self, path: Path, column: str, folded_aliases: Mapping[str, str]) -> None:
        """Start before the first row.

        Args:
            path: The file, for the error message.
            column: The column with gold.
            folded_aliases: Further spellings, as `fold_aliases` returns them.
        """
        self._path = path
        self._column = column
        self._aliases = folded_aliases
        self._known: dict[str, str | None] = {}
        self._unknown: dict[str, _Unknown] = {}

    def parse(self, cells: Mapping[str, object], line: int) -> str | None:
        """Return the category that the gold cell of a row names, or None where it is empty or names none."""
        value = cells.get(self._column)
        if value is None:
            return None
        spelling = spell_cell(value)
        if spelling is not None and not spelling.strip():
            return None
        if spelling in self._known:
            return self._known[spelling]
        category = None if spelling is None else find_category(spelling, self._aliases)
        if category is None:
            self._note(value if spelling is None else spelling.strip(), line)
        elif spelling is not None:
            self._known[spelling] = category
        return category

    def check(self) -> None:
        """Check that every gold cell named a category.

        Raises:
            InputError: If any did not; it names all those words, with the number of their rows and the first lines.
        """
        if not self._unknown:
            return
        contempt = [unknown for unknown in self._unknown.values() if unknown.is_contempt]
        others = [unknown for unknown in self._unknown.values() if not unknown.is_contempt]
        problems = [f"{_join(others)} {'is' if len(others) == 1 else 'are'} unknown"] * bool(others)
        problems += [f"{_join(contempt)} is Contempt, which is none of the seven"] * bool(contempt)
        first = min(unknown.lines[0] for unknown in self._unknown.values())
        allowed = f"use one of {', '.join(Emotion)}, a common word for one, or leave it empty"
        advice = "--alias WORD=CATEGORY and [labels] of corpus.toml give a word its category"
        raise InputError(self._path, f"{self._column} {'; '.join(problems)}; {allowed}; {advice}", first)

    def _note(self, value: object, line: int) -> None:
        word = quote(value)
        is_contempt = isinstance(value, str) and names_contempt(value)
        unknown = self._unknown.setdefault(word, _Unknown(word, is_contempt))
        unknown.n += 1
        if len(unknown.lines) < _N_LINES:
            unknown.lines.append(line)


def _join(words: list[_Unknown]) -> str:
    most = sorted(words, key=lambda unknown: (-unknown.n, unknown.lines))
    more = f" and {len(most) - _N_WORDS:,} more words" if len(most) > _N_WORDS else ""
    return ", ".join(map(str, most[:_N_WORDS])) + more
