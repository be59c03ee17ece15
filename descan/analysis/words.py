"""What the lexicon knows of a word, and what is wrong in a folder with a project's own words."""

from dataclasses import asdict, dataclass, fields
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from descan.analysis.own_words import load_project, project_problems
from descan.errors import InputError, OptionError, quote
from descan.lexicon import Known, parse_language, survey_project_lexicon
from descan.lexicon import find_word as find_entries
from descan.records import DEFAULT_LANGUAGE
from descan.terminal import plain

if TYPE_CHECKING:
    import pandas as pd

_WIDTH = 100
"""Columns of what `repr` returns."""


@dataclass(frozen=True, slots=True, repr=False)
class WordEntries:
    """What the lexicon knows of a word or phrase.

    Attributes:
        word: As it was asked for.
        language: ISO 639-1 code.
        entries: The entries that are the word; none if the lexicon does not know it.
        within: The entries of longer phrases of which the word is a part.
    """

    word: str
    language: str
    entries: tuple[Known, ...]
    within: tuple[Known, ...]

    @property
    def frame(self) -> "pd.DataFrame":
        """All entries as a frame, a row each, with file and line. Shape: (n_entries + n_within, 8)."""
        import pandas as pd

        rows = [asdict(entry) | {"is_whole": True} for entry in self.entries]
        rows += [asdict(entry) | {"is_whole": False} for entry in self.within]
        return pd.DataFrame(rows, columns=[*(field.name for field in fields(Known)), "is_whole"])

    def __repr__(self) -> str:
        """Return what `descan lexicon show` prints."""
        from rich.console import Console

        from descan.report.lexicon_entries import print_entries

        printed = StringIO()
        console = Console(file=printed, width=_WIDTH, highlight=False, force_jupyter=False)
        print_entries(self.word, self.entries, self.within, console)
        return printed.getvalue().rstrip()


@dataclass(frozen=True, slots=True, repr=False)
class LexiconCheck:
    """What is wrong in a folder with a project's own words.

    Attributes:
        folder: The folder.
        files: The files that could be read.
        problems: Every problem, with its file and line, in order; none if the folder can be used.
    """

    folder: str
    files: tuple[str, ...]
    problems: tuple[InputError, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    @property
    def frame(self) -> "pd.DataFrame":
        """The problems as a frame, a row each: file, line (1-based, or none), problem. Shape: (n_problems, 3)."""
        import pandas as pd

        rows = [[str(each.path), each.line, each.problem] for each in self.problems]
        frame = pd.DataFrame(rows, columns=["file", "line", "problem"])
        return frame.astype({"line": "Int64"})

    def __repr__(self) -> str:
        """Return a line for each problem, or one for each file with nothing wrong."""
        if self.problems:
            return "\n".join(plain(str(problem)) for problem in self.problems)
        return "\n".join(f"{plain(file)}: nothing wrong" for file in self.files)


def find_word(word: str, *, language: str = DEFAULT_LANGUAGE, lexicon: Path | str | None = None) -> WordEntries:
    """Return what the lexicon knows of a word or phrase, with files and lines; `print` shows it.

    Args:
        word: A word or a phrase, in any case.
        language: Its language, as a code such as `en`.
        lexicon: Folder with a project's own words, which change the installed lexicon.

    Raises:
        OptionError: If the word is no string.
        InputError: If descan does not read the language, or the project's own words are not as they must be.
    """
    if not isinstance(word, str):
        raise OptionError("word", f"must be a string, not {quote(word)}")
    code = parse_language(language)
    exact, within = find_entries(word, code, load_project(lexicon, code))
    return WordEntries(word, code, tuple(exact), tuple(within))


def check_lexicon(folder: Path | str, *, language: str = DEFAULT_LANGUAGE) -> LexiconCheck:
    """Find every problem in a folder with a project's own words; other functions stop at the first.

    Args:
        folder: The folder.
        language: The language of the files that are in no folder of a language, as a code such as `en`.

    Raises:
        OptionError: If it is neither a path nor a string.
        InputError: If descan does not read the language, there is no such folder, or nothing of a lexicon is in it.
    """
    if not isinstance(folder, str | Path):
        raise OptionError("folder", f"must be the path of a folder, not {quote(folder)}")
    project, unread = survey_project_lexicon(folder, parse_language(language))
    problems = (*unread, *project_problems(project))
    return LexiconCheck(project.folder, tuple(str(file.path) for file in project.files), problems)
