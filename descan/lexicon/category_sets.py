"""Category sets: those in `lexicons/category_sets/`, a user's own file, and which terms speak for a category."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from descan.emotions import OTHER, UNDECIDED, Category, CategorySet
from descan.errors import InputError, quote
from descan.lexicon.families import load_families
from descan.lexicon.files import describe_problem, lexicon_path
from descan.lexicon.folding import fold_spelling
from descan.lexicon.loading import Lexicon
from descan.records import Status, Verdict
from descan.storage.toml_files import load_toml

DEFAULT_SET = "basic7"

MAX_CATEGORIES = 15
"""Chance counts what supports a category in the bits of a number: four rules by fifteen categories."""

_SUFFIX = ".toml"
_RESERVED = (
    *("all", "none", OTHER, UNDECIDED, *Status, *Verdict),
    *("unparsed", "unparsed_prose", "ambiguous", "off_list", "gold_off_list"),
    *("no_gold", "no_label", "no_description", "language"),
)
"""What the tables say in the place of a category."""

_NAME = re.compile(r"[^\W_][\w /&+-]*")


def _known_family(name: str) -> str:
    if name not in load_families():
        raise ValueError(f"family {quote(name)} is unknown; use one of {', '.join(load_families())}")
    return name


_Valence = Annotated[float, Field(ge=-1, le=1)]
_Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
_Family = Annotated[str, AfterValidator(_known_family)]


class CategoryEntry(BaseModel):
    """A table `[categories.NAME]` of a set's file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    valence: _Valence
    families: list[_Family] = []
    actions: list[_Family] | None = None
    aliases: list[_Word] = []
    terms: list[_Word] = []
    term_valence: Annotated[list[_Valence], Field(min_length=2, max_length=2)] | None = None


class CategorySetFile(BaseModel):
    """The content of a set's file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)] = ""
    neutral: str | None = None
    other_actions: list[_Family] = []
    categories: Annotated[dict[str, CategoryEntry], Field(min_length=2, max_length=MAX_CATEGORIES)]

    @model_validator(mode="after")
    def _fits_together(self) -> "CategorySetFile":
        _check_names(self.categories)
        _check_aliases(self.categories)
        if self.neutral not in (None, *self.categories):
            allowed = ", ".join(self.categories)
            raise ValueError(f"neutral {quote(self.neutral)} is no category; use one of {allowed}, or leave it out")
        for key in ("families", "actions", "terms"):
            _check_claimed_once(self.categories, key)
        for name, entry in self.categories.items():
            if entry.term_valence is not None and entry.term_valence[0] > entry.term_valence[1]:
                raise ValueError(f"categories.{name}.term_valence: the first number is above the second; swap them")
        return self


@lru_cache(maxsize=1)
def set_names() -> tuple[str, ...]:
    """Return the names of the sets that come with descan."""
    return tuple(sorted(path.stem for path in lexicon_path("category_sets").glob(f"*{_SUFFIX}")))


def load_category_set(name: str | Path = DEFAULT_SET, folder: Path | None = None) -> CategorySet:
    """Load a category set.

    Args:
        name: One of `set_names`, or the path of a user's file, which ends in .toml.
        folder: What a relative path is relative to, if not the current folder.

    Raises:
        InputError: If there is no such set, or the file is not as it must be.
    """
    if str(name) in set_names():
        return _load_packaged(str(name))
    path = Path(name) if folder is None else folder / name
    if path.suffix.lower() != _SUFFIX:
        allowed = f"use one of {', '.join(set_names())}, or a {_SUFFIX} file of your own"
        raise InputError(None, f"category set {quote(str(name))} is unknown; {allowed}")
    return _read(path)


def category_set_record(categories: CategorySet) -> dict[str, Any]:
    """Return a set as plain values, from which `parse_category_set` makes it again."""
    entries = {
        category.name: {
            "valence": category.valence,
            "families": list(category.families),
            "actions": list(category.actions),
            "aliases": list(category.aliases),
            "terms": list(category.terms),
            "term_valence": None if category.term_valence is None else list(category.term_valence),
        }
        for category in categories.categories
    }
    return {
        "name": categories.name,
        "neutral": categories.neutral,
        "other_actions": list(categories.other_actions),
        "categories": entries,
    }


def category_set_digest(categories: CategorySet) -> str:
    """Return the SHA-256 of everything that a set says."""
    return sha256(json.dumps(category_set_record(categories), ensure_ascii=True).encode()).hexdigest()


def parse_category_set(record: Mapping[str, Any], name: str = "") -> CategorySet:
    """Check the content of a set's file, and make the set; `name` is its name where the file gives none.

    Raises:
        ValidationError: If a key or value is not allowed.
    """
    file = CategorySetFile.model_validate(record)
    return CategorySet(
        name=file.name or name,
        categories=tuple(_category(category, entry) for category, entry in file.categories.items()),
        neutral=file.neutral,
        other_actions=tuple(file.other_actions),
    )


def run_category_set(run: Mapping[str, Any], path: Path) -> CategorySet:
    """Return the category set of an analysis; one of a version that had no other has the default.

    Args:
        run: What its `run.json` holds.
        path: That file, for the error message.

    Raises:
        InputError: If what it says of the set is not allowed.
    """
    record = {key: value for key, value in run.get("category_set", {}).items() if key != "sha256"}
    try:
        return parse_category_set(record) if record else load_category_set()
    except ValidationError as error:
        problem = f"category_set: {describe_problem(error, CategorySetFile)}; `descan analyze` writes it"
        raise InputError(path, problem) from error


def check_terms(categories: CategorySet, lexicon: Lexicon) -> None:
    """Check that the lexicon has the single terms that a set names.

    Raises:
        InputError: If it lacks one.
    """
    for category in categories.categories:
        for term in category.terms:
            if term not in lexicon.terms:
                where = f"category set {categories.name}: categories.{category.name}.terms"
                problem = (
                    f"{quote(term)} is no term of the lexicon ({lexicon.language}); use a lemma of its emotions.csv"
                )
                raise InputError(None, f"{where}: {problem}")


def term_categories(lexicon: Lexicon, categories: CategorySet) -> dict[str, str]:
    """Return the category of each term of a lexicon, or Other.

    A term is of the category that names it, else of the one that names its family, the finer one first, else of the
    first whose `term_valence` holds its valence.
    """
    by_term = {term: category.name for category in categories.categories for term in category.terms}
    by_family = {family: category.name for category in categories.categories for family in category.families}
    found = {}
    for term, entry in lexicon.terms.items():
        of_family = by_family.get(entry.family or "") or by_family.get(entry.category)
        found[term] = by_term.get(term) or of_family or _by_valence(lexicon.valence(term), categories) or OTHER
    return found


def anchor_categories(lexicon: Lexicon, categories: CategorySet) -> dict[str, str]:
    """Return the category of each name of a family; names of families that the set has no category for are left out."""
    by_family = {family: category.name for category in categories.categories for family in category.families}
    families = load_families()
    found = {}
    for name, family in lexicon.anchors.items():
        of_family = by_family.get(family) or by_family.get(families[family].within or "")
        category = of_family or _by_valence(families[family].valence, categories)
        if category is not None:
            found[name] = category
    return found


def _by_valence(valence: float, categories: CategorySet) -> str | None:
    for category in categories.categories:
        if category.term_valence is not None and category.term_valence[0] <= valence <= category.term_valence[1]:
            return category.name
    return None


def _category(name: str, entry: CategoryEntry) -> Category:
    return Category(
        name=name,
        valence=entry.valence,
        families=tuple(entry.families),
        actions=tuple(entry.families if entry.actions is None else entry.actions),
        aliases=tuple(entry.aliases),
        terms=tuple(entry.terms),
        term_valence=None if entry.term_valence is None else (entry.term_valence[0], entry.term_valence[1]),
    )


@lru_cache
def _load_packaged(name: str) -> CategorySet:
    return _read(lexicon_path("category_sets", f"{name}{_SUFFIX}"))


def _read(path: Path) -> CategorySet:
    try:
        return parse_category_set(load_toml(path), path.stem)
    except ValidationError as error:
        raise InputError(path, describe_problem(error, CategorySetFile)) from error


def _check_names(names: Mapping[str, object]) -> None:
    reserved = {word.casefold() for word in _RESERVED}
    folded: dict[str, str] = {}
    for name in names:
        if not _NAME.fullmatch(name) or len(name) > 40 or name != name.strip():
            allowed = "use up to 40 letters, digits, spaces and - _ / & +"
            raise ValueError(f"category name {quote(name)} is not allowed; {allowed}")
        if name.casefold() in reserved:
            raise ValueError(f"category name {quote(name)} means something else in the tables; use another")
        same = folded.setdefault(fold_spelling(name), name)
        if same != name:
            raise ValueError(f"category names {quote(same)} and {quote(name)} differ only in case, spaces, - or _")


def _check_aliases(entries: Mapping[str, CategoryEntry]) -> None:
    owners = {fold_spelling(name): (name, name) for name in entries}
    for name, entry in entries.items():
        for alias in entry.aliases:
            if not (folded := fold_spelling(alias)):
                raise ValueError(f"categories.{name}.aliases: {quote(alias)} has no letter; use a word")
            owner, spelled = owners.setdefault(folded, (name, alias))
            if owner != name:
                problem = f"{quote(alias)} is as good as {quote(spelled)}, which is of {owner} already"
                raise ValueError(f"categories.{name}.aliases: {problem}; give it one category")


def _check_claimed_once(entries: Mapping[str, CategoryEntry], key: str) -> None:
    owners: dict[str, str] = {}
    for name, entry in entries.items():
        for word in getattr(entry, key) or ():
            if (owner := owners.setdefault(word, name)) != name:
                raise ValueError(f"categories.{name}.{key}: {quote(word)} is of {owner} already; give it one category")
