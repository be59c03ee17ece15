"""Lexicon files into one validated, immutable object per language, and the numbers of its names."""

import csv
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pydantic import ValidationError

from descan.errors import InputError
from descan.lexicon.entries import (
    ActionFile,
    AnchorFile,
    AsideFile,
    AssertionFile,
    FacsFile,
    FormFile,
    GivenNameFile,
    NameFile,
    TermEntry,
    TermFile,
)
from descan.lexicon.families import load_families
from descan.lexicon.files import describe_problem, lexicon_path, read_yaml
from descan.records import DEFAULT_LANGUAGE

UNLISTED: Final = 0
"""The number of a term that the lexicon does not have, and of words that are to be passed over."""

OUTRIGHT: Final = "words"
"""The entry of an action that words name without a part and a motion."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything that descan knows of one language.

    Attributes:
        language: ISO 639-1 code.
        terms: Emotion terms by lemma, in the order of the file.
        anchors: A few names of each family of terms -> the family, for categorizing terms by embedding alone.
        digest: SHA-256 of all its files.
    """

    language: str
    actions: ActionFile
    assertions: AssertionFile
    term_rules: TermFile
    forms: FormFile
    facs: FacsFile
    names: NameFile
    asides: AsideFile
    given_names: GivenNameFile
    terms: Mapping[str, TermEntry]
    anchors: Mapping[str, str]
    digest: str

    def valence(self, term: str) -> float:
        """Return the valence of a lexicon term, -1 to 1: its own, or else that of its family."""
        entry = self.terms[term]
        if entry.valence is not None:
            return entry.valence
        family = load_families().get(entry.category)
        return 0.0 if family is None else family.valence


@dataclass(frozen=True, slots=True)
class Inventory:
    """What numbers mean; sorted, so that numbers compare as their names do.

    Attributes:
        actions: Of the inventory.
        regions: The region of each action.
        aus: The FACS units of each action.
        action_entries: The frames "part+motion", and `OUTRIGHT`.
        terms: Lemmas, with nothing first.
    """

    actions: tuple[str, ...]
    regions: tuple[str, ...]
    aus: tuple[str, ...]
    action_entries: tuple[str, ...]
    terms: tuple[str, ...]


def inventory_of(lexicon: Lexicon) -> Inventory:
    """Number the names of a lexicon."""
    entries = lexicon.actions.actions
    frames = {
        f"{part}+{motion}" for entry in entries.values() for part, motions in entry.frames.items() for motion in motions
    }
    actions = tuple(sorted(entries))
    return Inventory(
        actions=actions,
        regions=tuple(entries[action].region for action in actions),
        aus=tuple(entries[action].aus for action in actions),
        action_entries=tuple(sorted({OUTRIGHT, *frames})),
        terms=("", *sorted(lexicon.terms)),
    )


@lru_cache(maxsize=1)
def readable_languages() -> tuple[str, ...]:
    """Return the codes of the languages that have a lexicon, sorted."""
    return tuple(sorted(path.parent.name for path in lexicon_path().glob("*/emotions.csv")))


@lru_cache
def load_lexicon(language: str = DEFAULT_LANGUAGE) -> Lexicon:
    """Load and check the lexicon of a language.

    Raises:
        InputError: If there is none for the language, or a file is not as its schema says.
    """
    folder = lexicon_path(language)
    if language not in (known := readable_languages()):
        raise InputError(None, f"no lexicon for language {language!r}; use one of {', '.join(known)}")
    return Lexicon(
        language=language,
        actions=read_yaml(folder / "actions.yaml", ActionFile),
        assertions=read_yaml(folder / "assertions.yaml", AssertionFile),
        term_rules=read_yaml(folder / "terms.yaml", TermFile),
        forms=read_yaml(folder / "forms.yaml", FormFile),
        facs=read_yaml(lexicon_path("facs.yaml"), FacsFile),
        names=read_yaml(folder / "names.yaml", NameFile),
        asides=read_yaml(folder / "asides.yaml", AsideFile),
        given_names=read_yaml(folder / "given_names.yaml", GivenNameFile),
        terms=MappingProxyType({entry.term: entry for entry in _read_terms(folder / "emotions.csv")}),
        anchors=MappingProxyType(_read_anchors(folder / "anchors.yaml")),
        digest=_digest(language),
    )


def _read_terms(path: Path) -> Iterator[TermEntry]:
    seen: dict[str, int] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        numbered = [(number, line) for number, line in enumerate(lines, 1) if not line.startswith("#")]
    rows = csv.DictReader(line for _, line in numbered)
    for (number, _), row in zip(numbered[1:], rows, strict=True):
        cells = {key: value for key, value in row.items() if value or key in ("term", "pos", "category")}
        forms = [form.strip() for form in (cells.pop("forms", None) or "").split("|") if form.strip()]
        try:
            entry = TermEntry.model_validate({**cells, "forms": forms})
        except ValidationError as error:
            raise InputError(path, describe_problem(error, TermEntry), number) from error
        for form in (entry.term, *entry.forms):
            if form in seen:
                raise InputError(path, f"{form!r} is on line {seen[form]} already; list a form once", number)
            seen[form] = number
        yield entry


def _read_anchors(path: Path) -> dict[str, str]:
    names_by_category = read_yaml(path, AnchorFile).root
    return {name: str(category) for category, names in names_by_category.items() for name in names}


def _digest(language: str) -> str:
    """Return the SHA-256 of all lexicon files that an analysis in this language reads."""
    digest = hashlib.sha256()
    shared = [path for path in lexicon_path().glob("*.yaml") if path.is_file()]
    own = [path for path in lexicon_path(language).iterdir() if path.is_file()]
    for path in sorted(shared) + sorted(own):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
