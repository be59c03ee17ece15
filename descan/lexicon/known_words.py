"""What a lexicon knows of a word: its entries with file and line, and what a project changes about them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

import yaml

from descan.lexicon.entries import ActionFile, expand_alternatives
from descan.lexicon.files import YAML_LOADER, lexicon_path
from descan.lexicon.loading import LEXICONS_KEPT, Lexicon, load_lexicon
from descan.lexicon.merging import compose_words, read_rows, split_forms
from descan.lexicon.profiles import PROFILE_FILE, load_profile
from descan.lexicon.project import LANGUAGE_FILES, REMOVE_FILE, SHARED_FILES, TERMS_FILE, ProjectFile, ProjectLexicon

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_PARTS = re.compile(r"['-]")
_TERMS, _ACTIONS = "emotions", "actions"
_TERM, _FORM_OF = "term", "form of "
_WITH_ACTIONS = ("facs", "action_units")
"""Files that name actions: what the project does to an action, it does to what they say of it."""

_ACTIONS_FILE = "actions.yaml"
_REFERENCES = frozenset(("transparent", "adjacent_only", "frames", "overrides"))
"""Lists of `actions.yaml` with names of parts, motions and actions, and no words of the language."""


@dataclass(frozen=True, slots=True)
class Known:
    """One entry that has a word.

    Attributes:
        phrase: The word or phrase as the file writes it.
        file: The file; of an installed one, as in `lexicons/en/emotions.csv`.
        line: 1-based.
        place: The keys that lead to it, such as `motions.raise`; `term` or `form of X` in `emotions.csv`.
        meaning: What the entry says, such as a category or AUs; nothing where the place says it all.
        is_own: Whether the entry is the project's.
        change: What the project does to an installed entry, with its file and line; nothing if it stays as it is.
    """

    phrase: str
    file: str
    line: int
    place: str
    meaning: str = ""
    is_own: bool = False
    change: str = ""


def find_word(word: str, language: str, project: ProjectLexicon | None = None) -> tuple[list[Known], list[Known]]:
    """Return the entries that are a word or phrase, and those of which it is a part.

    Args:
        word: In any case.
        language: ISO 639-1 code.
        project: A project's own words.

    Raises:
        InputError: If there is no lexicon for the language, or the project's is not as it must be.
    """
    lexicon = load_lexicon(language, project)
    wanted = " ".join(word.lower().split())
    part = re.compile(rf"(?<!\w){re.escape(wanted)}(?!\w)")
    exact, within = list[Known](), list[Known]()
    installed = list(_installed_files(language))
    changes = list(_changes(_own_files(language, project)))
    own = [file for file in _own_files(language, project) if file.name != REMOVE_FILE]
    for file in (*installed, *own):
        is_own = file not in installed
        for found in _entries(file, lexicon):
            phrases = _phrases(found.phrase)
            if wanted in phrases or any(map(part.search, phrases)):
                entry = replace(found, is_own=is_own)
                if not is_own:
                    entry = replace(entry, change=_change_of(entry, _stem(file.name), changes))
                (exact if wanted in phrases else within).append(entry)
    return exact, within


def unknown_words(text: str, lexicon: Lexicon) -> tuple[str, ...]:
    """Return the words of a text that a lexicon does not have, in lower case and in the order of the text.

    A text in letters that do not part words has none.
    """
    if not load_profile(lexicon.language).words:
        return ()
    known = _known_words(lexicon.language, lexicon.project)
    words = dict.fromkeys(_WORD.findall(text.lower().replace("’", "'")))
    return tuple(word for word in words if word not in known and not known.issuperset(_PARTS.split(word)))


@lru_cache(maxsize=LEXICONS_KEPT)
def _known_words(language: str, project: ProjectLexicon | None) -> frozenset[str]:
    """Return the words of all phrases of a lexicon, with the commonest words of the language."""
    lexicon = load_lexicon(language, project)
    files = (lexicon.actions, lexicon.assertions, lexicon.term_rules, lexicon.names, lexicon.asides)
    phrases = [
        *(form for entry in lexicon.terms.values() for form in (entry.term, *entry.forms)),
        *chain.from_iterable(_strings(file.model_dump()) for file in files),
        lexicon_path(language, PROFILE_FILE).read_text(encoding="utf-8"),
    ]
    return frozenset(_WORD.findall("\n".join(phrases).lower()))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif not isinstance(value, int):
        yield from chain.from_iterable(map(_strings, value.values() if isinstance(value, dict) else value))


def _own_files(language: str, project: ProjectLexicon | None) -> list[ProjectFile]:
    return [file for file in (project.files if project else ()) if file.language in ("", language)]


def _installed_files(language: str) -> Iterator[ProjectFile]:
    for name in (*LANGUAGE_FILES, PROFILE_FILE):
        if (path := lexicon_path(language, name)).is_file():
            yield ProjectFile(language, name, f"lexicons/{language}/{name}", path.read_text(encoding="utf-8"))
    for name in SHARED_FILES:
        yield ProjectFile("", name, f"lexicons/{name}", lexicon_path(name).read_text(encoding="utf-8"))


def _entries(file: ProjectFile, lexicon: Lexicon) -> Iterator[Known]:
    """Yield all entries of a file in its order."""
    if file.name == TERMS_FILE:
        for entry in _rows(file):
            yield replace(entry, meaning=_meaning_of_term(entry.place.removeprefix(_FORM_OF), entry.phrase, lexicon))
    elif (node := yaml.compose(file.content, Loader=YAML_LOADER)) is not None:
        for word in compose_words(node):
            keys = [part for part in word.path if not part.isdecimal() or file.name in SHARED_FILES]
            if word.is_key:
                keys.pop()
            if file.name == _ACTIONS_FILE and _REFERENCES.intersection((*keys[:1], *keys[2:3])):
                continue
            meaning = _meaning(file.name, (*keys, word.text), lexicon.actions)
            yield Known(word.text, file.path, word.line, ".".join(keys), meaning)


def _rows(file: ProjectFile) -> Iterator[Known]:
    """Yield the terms of an `emotions.csv`, and their forms."""
    rows = read_rows(file.content)
    _, header = next(rows)
    for line, cells in rows:
        row = dict(zip(header, cells, strict=False))
        term = row["term"].lower()
        yield Known(term, file.path, line, _TERM)
        for form in split_forms(row.get("forms", "")):
            yield Known(form.lower(), file.path, line, f"{_FORM_OF}{term}")


def _meaning_of_term(place: str, phrase: str, lexicon: Lexicon) -> str:
    term = phrase if place == _TERM else place
    entry = lexicon.terms.get(term)
    if entry is None:
        return ""
    family = f" ({entry.family})" if entry.family else ""
    context = ", only of a person or a state" if entry.context else ""
    return f"{entry.pos}, {entry.category}{family}, valence {lexicon.valence(term):+.1f}{context}"


def _meaning(name: str, keys: tuple[str, ...], actions: ActionFile) -> str:
    """Return the actions that an entry of `actions.yaml` takes part in, with their AUs."""
    if name != _ACTIONS_FILE or len(keys) < 2:
        return ""
    kind, named = keys[0], keys[1]
    if kind == "actions":
        found = [named] if named in actions.actions else []
    elif kind in ("parts", "motions"):
        found = [
            action
            for action, entry in actions.actions.items()
            if (named in entry.frames if kind == "parts" else any(named in moved for moved in entry.frames.values()))
        ]
    else:
        return ""
    units = {action: actions.actions[action].aus for action in found}
    return ", ".join(f"{action} (AU {aus})" if aus else action for action, aus in units.items())


def _phrases(phrase: str) -> list[str]:
    lowered = phrase.lower()
    try:
        return [lowered, *expand_alternatives([lowered])]
    except ValueError:  # Not a phrase: a mark such as "<|".
        return [lowered]


class _Change(NamedTuple):
    """What a project does to installed entries.

    Attributes:
        stem: The name of their file without its suffix.
        place: The keys that lead to them.
        words: What is removed there, each with its alternatives; or the term or form of a row.
        by: What is said of it.
    """

    stem: str
    place: tuple[str, ...]
    words: frozenset[str]
    by: str


def _changes(own: Iterable[ProjectFile]) -> Iterator[_Change]:
    for file in own:
        if file.name == TERMS_FILE:
            for entry in _rows(file):
                verb = "changed" if entry.place == _TERM else "taken"
                yield _Change(_TERMS, (_TERM,), frozenset((entry.phrase,)), f"{verb} by {file.path}:{entry.line}")
        elif file.name == REMOVE_FILE and (node := yaml.compose(file.content, Loader=YAML_LOADER)) is not None:
            for word in compose_words(node):
                if not word.is_key:
                    stem, *place = (part for part in word.path if not part.isdecimal())
                    by = f"removed by {file.path}:{word.line}"
                    yield _Change(stem, tuple(place) or (_TERM,), frozenset(_phrases(word.text)), by)


def _change_of(entry: Known, stem: str, changes: Iterable[_Change]) -> str:
    """Return what a project does to an installed entry; nothing if it stays as it is."""
    phrase = entry.phrase.lower()
    place = tuple(entry.place.split(".")) if entry.place else ()
    own = {phrase, *_phrases(phrase)[1:]}
    if stem == _TERMS:
        place, own = (_TERM,), {phrase, entry.place.removeprefix(_FORM_OF)}
    elif stem in _WITH_ACTIONS:
        stem, place = _ACTIONS, (_ACTIONS,)
    for change in changes:
        if change.stem == stem:
            below = place[len(change.place) :]
            if place[: len(change.place)] == change.place and (not change.words.isdisjoint({*own, *below[:1]})):
                return change.by
    return ""


def _stem(name: str) -> str:
    return name.partition(".")[0]
