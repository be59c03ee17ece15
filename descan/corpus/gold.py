"""Gold cells into categories; the words that name none are reported together."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from descan.corpus.spellings import CategoryNames, find_elsewhere, spell_cell
from descan.errors import InputError, quote
from descan.lexicon import fold_spelling

DROPPED = "(dropped)"
"""What `GoldParser.parse` gives for a gold that the user dropped; no category can have this name."""

_N_WORDS = 20
_N_LINES = 3


@dataclass(slots=True)
class _Unknown:
    """A word that names no category: where it would name one (set -> category), how many rows have it, and where."""

    word: str
    elsewhere: Mapping[str, str]
    n: int = 0
    lines: list[int] = field(default_factory=list)
    last_line: int = 0

    def __str__(self) -> str:
        """Return the word with its rows."""
        more = " and more" if self.n > len(self.lines) else ""
        rows = f"{self.n:,} rows, lines" if self.n > 1 else "line"
        return f"{self.word} ({rows} {', '.join(map(str, self.lines))}{more})"


class GoldParser:
    """Parses the gold cells of one file; `check` after the last one."""

    def __init__(self, path: Path, column: str, names: CategoryNames, drop: Sequence[str] = ()) -> None:
        """Start before the first row.

        Args:
            path: The file, for the error message.
            column: The column with gold.
            names: What names a category.
            drop: Golds to drop: categories of any set, or words that name none.
        """
        self._path = path
        self._column = column
        self._names = names
        self._drop = {fold_spelling(word) for word in drop}
        self._known: dict[str, str | None] = {}
        self._unknown: dict[str, _Unknown] = {}

    def parse(self, cells: Mapping[str, object], line: int) -> str | None:
        """Return the category that the gold cell of a row names, or None where it is empty or names none.

        A gold that is to be dropped gives `DROPPED`.
        """
        value = cells.get(self._column)
        if value is None:
            return None
        spelling = spell_cell(value)
        if spelling is not None and not spelling.strip():
            return None
        if spelling in self._known:
            return self._known[spelling]
        category = None if spelling is None else find_gold(spelling, self._names, self._drop)
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
        unknown = [unknown for unknown in self._unknown.values() if not unknown.elsewhere]
        problems = [f"{_join(unknown)} {'is' if len(unknown) == 1 else 'are'} unknown"] * bool(unknown)
        problems += self._describe_elsewhere()
        first = min(unknown.lines[0] for unknown in self._unknown.values())
        allowed = f"use one of {', '.join(self._names.categories.names)}, a common word for one, or leave it empty"
        advice = "--alias WORD=CATEGORY and [labels] of corpus.toml give a word its category"
        if unknown:
            problems += [allowed, advice]
        raise InputError(self._path, f"{self._column} {'; '.join(problems)}", first)

    def _describe_elsewhere(self) -> Iterator[str]:
        """Say of the words that other sets have a category for, which ones."""
        found: dict[tuple[str, ...], list[_Unknown]] = {}
        for unknown in self._unknown.values():
            if unknown.elsewhere:
                found.setdefault((*dict.fromkeys(unknown.elsewhere.values()), *unknown.elsewhere), []).append(unknown)
        for words in found.values():
            sets = words[0].elsewhere
            is_what = " or ".join(dict.fromkeys(sets.values()))
            told = f"{_join(words)} is {is_what}, which the category set {self._names.categories.name} does not have"
            drop = " ".join(f"--drop-gold {name}" for name in dict.fromkeys(sets.values()))
            yield f"{told}; use --categories {' or '.join(sets)}, which has it, or leave these items out with {drop}"

    def _note(self, value: object, line: int) -> None:
        word = quote(value)
        if word not in self._unknown:
            elsewhere = find_elsewhere(value, self._names.categories) if isinstance(value, str) else {}
            self._unknown[word] = _Unknown(word, elsewhere)
        unknown = self._unknown[word]
        if line == unknown.last_line:  # Again for another model's columns.
            return
        unknown.last_line = line
        unknown.n += 1
        if len(unknown.lines) < _N_LINES:
            unknown.lines.append(line)


def find_gold(spelling: str, names: CategoryNames, drop: Collection[str]) -> str | None:
    """Return the category that a gold names, `DROPPED` if it is to be dropped, or None if it names none.

    Args:
        spelling: The gold.
        names: What names a category.
        drop: Golds to drop, as `fold_spelling` folds them: categories of any set, or words that name none.
    """
    category = names.find(spelling)
    if drop:
        elsewhere = find_elsewhere(spelling, names.categories) if category is None else {}
        meant = filter(None, (spelling, category, *elsewhere.values()))
        if any(fold_spelling(word) in drop for word in meant):
            return DROPPED
    return category


def _join(words: list[_Unknown]) -> str:
    most = sorted(words, key=lambda unknown: (-unknown.n, unknown.lines))
    more = f" and {len(most) - _N_WORDS:,} more words" if len(most) > _N_WORDS else ""
    return ", ".join(map(str, most[:_N_WORDS])) + more
