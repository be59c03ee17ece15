"""A project's own words: a folder with what it adds to the installed lexicon, changes and removes.

The folder has the files of `lexicons/`, each only with what changes: those of a language in a folder named after its
code, or beside it for the language of the corpus. `remove.yaml` names what is removed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from descan.errors import InputError, explain_os_error, quote
from descan.lexicon.files import readable_languages
from descan.lexicon.languages import parse_language
from descan.records import DEFAULT_LANGUAGE
from descan.storage.paths import path_or_url

TERMS_FILE: Final = "emotions.csv"
REMOVE_FILE: Final = "remove.yaml"
LANGUAGE_FILES: Final = (
    *(TERMS_FILE, "actions.yaml", "assertions.yaml", "terms.yaml", "labels.yaml", "names.yaml", "given_names.yaml"),
    *("asides.yaml", "forms.yaml", "anchors.yaml", REMOVE_FILE),
)
SHARED_FILES: Final = ("action_units.yaml", "facs.yaml", "category_words.yaml")
"""The files of all languages."""

_SUFFIXES = (".yaml", ".yml", ".csv")
_MAX_BYTES = 5_000_000
"""Several times the size of the largest installed file."""


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """A file of a project's lexicon.

    Attributes:
        language: Its language; nothing for a file of all languages.
        name: Such as `emotions.csv`.
        path: Where it is, for messages.
        content: Its text.
    """

    language: str
    name: str
    path: str
    content: str


@dataclass(frozen=True, slots=True)
class ProjectLexicon:
    """A project's own words, as text: small, and complete wherever a worker gets it.

    Attributes:
        folder: The folder that they are from, for messages.
        files: Its files, in order of language and name.
    """

    folder: str
    files: tuple[ProjectFile, ...]

    @property
    def name(self) -> str:
        """The name of the folder."""
        return Path(self.folder).name

    @property
    def digest(self) -> str:
        """The SHA-256 of what the files say; where they are makes no difference."""
        digest = sha256()
        for file in self.files:
            digest.update(f"{file.language}/{file.name} {len(file.content)}\n{file.content}".encode())
        return digest.hexdigest()

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages whose words change, sorted."""
        return tuple(sorted({file.language for file in self.files if file.language}))

    def file(self, name: str, language: str = "") -> ProjectFile | None:
        """Return a file, or None if the project has no such file of the language."""
        return next((file for file in self.files if (file.name, file.language) == (name, language)), None)

    def concerns(self, language: str) -> bool:
        """Return whether anything changes for texts of a language."""
        return any(file.language in ("", language) for file in self.files)


def read_project_lexicon(folder: Path | str, language: str = DEFAULT_LANGUAGE) -> ProjectLexicon:
    """Read the files of a project's lexicon; what they say is checked where it is merged.

    Args:
        folder: The folder, a path or URL.
        language: The language of the files that are in no folder of a language.

    Raises:
        InputError: If there is no such folder, or a file in it is none of a lexicon's or is not UTF-8.
    """
    project, problems = survey_project_lexicon(folder, language)
    for problem in problems:
        raise problem
    return project


def survey_project_lexicon(
    folder: Path | str, language: str = DEFAULT_LANGUAGE
) -> tuple[ProjectLexicon, list[InputError]]:
    """Read the files of a project's lexicon that can be read, and say of the others why they cannot.

    Args:
        folder: The folder, a path or URL.
        language: The language of the files that are in no folder of a language.

    Returns:
        The files that can be read, and a problem for each of the others.

    Raises:
        InputError: If there is no such folder, or nothing of a lexicon is in it.
    """
    path = path_or_url(folder)
    found: dict[tuple[str, str], ProjectFile] = {}
    problems: list[InputError] = []
    for entry, code, allowed in _entries(path, language, problems):
        try:
            file = _read(entry, code, allowed)
        except InputError as problem:
            problems.append(problem)
            continue
        if (earlier := found.setdefault((file.language, file.name), file)) is not file:
            problems.append(InputError(file.path, f"is there twice; {earlier.path} is for the same language"))
    if not found and not problems:
        allowed = (*LANGUAGE_FILES, *SHARED_FILES)
        raise InputError(path, f"has no file of a lexicon; put one of these there: {', '.join(allowed)}")
    return ProjectLexicon(str(path), tuple(file for _, file in sorted(found.items()))), problems


def _entries(folder: Path, language: str, problems: list[InputError]) -> Iterator[tuple[Path, str, tuple[str, ...]]]:
    """Yield each file with its language and the names that it may have; note folders that are of no language."""
    for entry in _list(folder):
        if not entry.is_dir():
            yield entry, "" if entry.name in SHARED_FILES else language, (*LANGUAGE_FILES, *SHARED_FILES)
            continue
        try:
            code, files = _language_of(entry), _list(entry)
        except InputError as problem:
            problems.append(problem)
        else:
            yield from ((file, code, LANGUAGE_FILES) for file in files if not file.is_dir())


def _list(folder: Path) -> list[Path]:
    """Return the folders and the data files in a folder; notes and hidden files are passed over."""
    try:
        if not folder.is_dir():
            problem = "is a file" if folder.exists() else "does not exist"
            raise InputError(folder, f"{problem}; use the folder of a lexicon, with files such as {TERMS_FILE}")
        found = sorted(entry for entry in folder.iterdir() if not entry.name.startswith((".", "_")))
        return [entry for entry in found if entry.is_dir() or entry.suffix.lower() in _SUFFIXES]
    except OSError as error:
        raise explain_os_error(error, "cannot be read", folder) from error


def _language_of(folder: Path) -> str:
    try:
        code = parse_language(folder.name)
    except InputError:
        code = ""
    if code not in readable_languages():
        known = " or ".join(readable_languages())
        raise InputError(folder, f"is no folder of a language that descan reads; use {known}")
    return code


def _read(path: Path, language: str, allowed: tuple[str, ...]) -> ProjectFile:
    if path.name not in allowed:
        raise InputError(path, f"{quote(path.name)} is no file of a lexicon; use one of {', '.join(allowed)}")
    if language and language not in readable_languages():
        known = " or ".join(readable_languages())
        raise InputError(path, f"is for {language}, which descan does not read; put it in a folder {known}")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise explain_os_error(error, "cannot be read", path) from error
    if len(content) > _MAX_BYTES:
        raise InputError(path, f"has {len(content):,} bytes; use at most {_MAX_BYTES:,}")
    try:
        return ProjectFile(language, path.name, str(path), content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(path, f"is not UTF-8 at byte {error.start}; save it as UTF-8", line) from error
