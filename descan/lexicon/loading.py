"""Lexicon files into one validated, immutable object per language, and the numbers of its names."""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from descan.errors import InputError
from descan.lexicon.entries import (
    INVENTORY,
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
from descan.lexicon.files import describe_problem, lexicon_path, read_yaml, readable_languages
from descan.lexicon.merging import (
    Check,
    Merged,
    Model,
    merge_terms,
    merge_yaml,
    read_rows,
    removal_problems,
    split_forms,
)
from descan.lexicon.project import TERMS_FILE, ProjectLexicon
from descan.records import DEFAULT_LANGUAGE

Content = TypeVar("Content", bound=BaseModel)

LEXICONS_KEPT: Final = 4
"""Lexicons that a process keeps ready, each with a project's own words or without; one takes some 50 MB."""

UNLISTED: Final = 0
"""The number of a term that the lexicon does not have, and of words that are to be passed over."""

_DATA_SUFFIXES: Final = (".csv", ".yaml")
_LENT_FILES: Final = ("actions.yaml", "anchors.yaml", "asides.yaml")
"""Files of the default language of which other languages use a part."""

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
        project: The project's own words that changed it, if any did.
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
    project: ProjectLexicon | None = None

    @property
    def glosses(self) -> dict[str, str]:
        """The terms that have an English gloss, which is embedded in their place -> the gloss."""
        return {term: entry.gloss for term, entry in self.terms.items() if entry.gloss}

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


@lru_cache(maxsize=LEXICONS_KEPT)
def load_lexicon(language: str = DEFAULT_LANGUAGE, project: ProjectLexicon | None = None) -> Lexicon:
    """Load and check the lexicon of a language.

    Args:
        language: ISO 639-1 code.
        project: A project's own words, which change it.

    Raises:
        InputError: If there is none for the language, or a file is not as its schema says.
    """
    if project is None:
        return _load_installed(language)
    return merge_lexicon(language, project).checked()


def merge_lexicon(language: str, project: ProjectLexicon) -> Merged[Lexicon]:
    """Merge a project's own words into the installed lexicon of a language.

    Raises:
        InputError: If there is no lexicon for the language.
    """
    installed = _load_installed(language)
    problems = list(removal_problems(project, language))

    def merge(file: Model, name: str, check: Check[Model] | None = None) -> Model:
        merged = merge_yaml(file, name, language, project, check=check)
        problems.extend(merged.problems)
        return merged.content

    actions = merge(installed.actions, "actions.yaml", partial(_check_actions, installed=installed))
    term_rules = merge(installed.term_rules, "terms.yaml")
    facs = merge_yaml(
        _without_actions(installed.facs, installed.actions.actions.keys() - actions.actions.keys()),
        *("facs.yaml", "", project),
        check=partial(_check_units, actions=actions),
    )
    anchors = merge(AnchorFile(root=_names_by_family(installed.anchors)), "anchors.yaml")
    terms = merge_terms(installed.terms, language, project, frozenset(term_rules.ignore))
    problems += [*facs.problems, *terms.problems]
    merged = Lexicon(
        language=language,
        actions=actions,
        assertions=merge(installed.assertions, "assertions.yaml"),
        term_rules=term_rules,
        forms=merge(installed.forms, "forms.yaml"),
        facs=facs.content,
        names=merge(installed.names, "names.yaml"),
        asides=merge(installed.asides, "asides.yaml"),
        given_names=merge(installed.given_names, "given_names.yaml"),
        terms=MappingProxyType(dict(terms.content)),
        anchors=MappingProxyType(_families_by_name(anchors)),
        digest=hashlib.sha256(f"{installed.digest} {project.digest}".encode()).hexdigest(),
        project=project,
    )
    return Merged(merged, problems)


@lru_cache
def _load_installed(language: str) -> Lexicon:
    folder = lexicon_path(language)
    if language not in (known := readable_languages()):
        raise InputError(None, f"no lexicon for language {language!r}; use one of {', '.join(known)}")
    asides = _read_optional(folder / "asides.yaml", AsideFile)
    if not asides.thinking.tags:  # Models mark their thinking in the same way whatever language they answer in.
        asides = asides.model_copy(update={"thinking": _load_default("asides.yaml", AsideFile).thinking})
    anchors = folder / "anchors.yaml"
    if not anchors.is_file():  # The names that glosses are compared with.
        anchors = lexicon_path(DEFAULT_LANGUAGE, "anchors.yaml")
    inventory = {}
    if language != DEFAULT_LANGUAGE:
        inventory = {INVENTORY: _load_default("actions.yaml", ActionFile).actions}
    return Lexicon(
        language=language,
        actions=read_yaml(folder / "actions.yaml", ActionFile, inventory),
        assertions=_read_optional(folder / "assertions.yaml", AssertionFile),
        term_rules=_read_optional(folder / "terms.yaml", TermFile),
        forms=_read_optional(folder / "forms.yaml", FormFile),
        facs=read_yaml(lexicon_path("facs.yaml"), FacsFile),
        names=_read_optional(folder / "names.yaml", NameFile),
        asides=asides,
        given_names=_read_optional(folder / "given_names.yaml", GivenNameFile),
        terms=MappingProxyType({entry.term: entry for entry in _read_terms(folder / TERMS_FILE)}),
        anchors=MappingProxyType(_families_by_name(read_yaml(anchors, AnchorFile))),
        digest=_digest(language),
    )


@cache
def _load_default(name: str, model: type[Content]) -> Content:
    """Load a file of the default language."""
    return read_yaml(lexicon_path(DEFAULT_LANGUAGE, name), model)


def _read_optional(path: Path, model: type[Content]) -> Content:
    """Load a file that a language may do without."""
    return read_yaml(path, model) if path.is_file() else model()


def _check_actions(actions: ActionFile, installed: Lexicon) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield what is not allowed in the actions of a project: a needed one that is gone, and words that are ignored."""
    pair = installed.facs.pair
    if pair.action not in actions.actions:
        units = " and ".join(map(str, pair.units))
        yield ("actions", pair.action), f"{pair.action!r} cannot be removed: facs.yaml has it for units {units}"
    before = _phrases_by_place(installed.actions)
    for place, phrases in _phrases_by_place(actions).items():
        for phrase in phrases:
            if phrase in actions.ignore and phrase not in before.get(place, ()):
                yield (
                    place,
                    f"{phrase!r} is passed over, because `ignore` of actions.yaml has it; remove it there first",
                )


def _phrases_by_place(actions: ActionFile) -> dict[tuple[str, ...], list[str]]:
    """Return the phrases for parts, motions and actions by the place of their list."""
    named = {("parts", part): phrases for part, phrases in actions.parts.items()}
    named |= {("motions", motion): phrases for motion, phrases in actions.motions.items()}
    return named | {("actions", action, "words"): entry.words for action, entry in actions.actions.items()}


def _without_actions(facs: FacsFile, removed: Collection[str]) -> FacsFile:
    """Return the units without those of removed actions, whose codes are no mention then."""
    units = {unit: action for unit, action in facs.units.items() if action not in removed}
    return facs.model_copy(update={"units": units, "others": [*facs.others, *sorted(facs.units.keys() - units.keys())]})


def _check_units(facs: FacsFile, actions: ActionFile) -> Iterator[tuple[tuple[str, ...], str]]:
    known = ", ".join(actions.actions)
    named = {("units", str(unit)): action for unit, action in facs.units.items()}
    for place, action in (named | {("pair", "action"): facs.pair.action}).items():
        if action not in actions.actions:
            yield place, f"{'.'.join(place)}: action {action!r} is unknown; use one of {known}"


def _read_terms(path: Path) -> Iterator[TermEntry]:
    seen: dict[str, int] = {}
    (_, header), *rows = read_rows(path.read_text(encoding="utf-8"))
    for number, row in rows:
        cells = dict(zip(header, row, strict=False))
        given = {key: value for key, value in cells.items() if value or key in ("term", "pos", "category")}
        forms = split_forms(given.pop("forms", ""))
        try:
            entry = TermEntry.model_validate({**given, "forms": forms})
        except ValidationError as error:
            raise InputError(path, describe_problem(error, TermEntry), number) from error
        for form in (entry.term, *entry.forms):
            if form in seen:
                raise InputError(path, f"{form!r} is on line {seen[form]} already; list a form once", number)
            seen[form] = number
        yield entry


def _families_by_name(anchors: AnchorFile) -> dict[str, str]:
    return {name: str(family) for family, names in anchors.root.items() for name in names}


def _names_by_family(anchors: Mapping[str, str]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for name, family in anchors.items():
        names.setdefault(family, []).append(name)
    return names


def _digest(language: str) -> str:
    """Return the SHA-256 of all lexicon files that an analysis in this language reads."""
    digest = hashlib.sha256()
    shared = [path for path in lexicon_path().glob("*.yaml") if path.is_file()]
    own = [path for path in lexicon_path(language).iterdir() if path.suffix in _DATA_SUFFIXES and path.is_file()]
    if language != DEFAULT_LANGUAGE:
        own += [lexicon_path(DEFAULT_LANGUAGE, name) for name in _LENT_FILES]
    for path in sorted(shared) + sorted(own):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
