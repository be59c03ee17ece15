"""The schema of the lexicon files; an unknown key, part, motion or category is refused with what is allowed."""

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import product
from math import prod
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, RootModel, ValidationInfo, model_validator

from descan.emotions import OTHER
from descan.lexicon.families import load_families

Region = Literal["brows", "forehead", "eyes", "gaze", "nose", "cheeks", "mouth", "jaw", "head", "face"]
"""The regions of a face, from top to bottom."""


def _known_category(category: str) -> str:
    known = [name for name, family in load_families().items() if family.within is None]
    _require(category, [*known, OTHER], "category")
    return category


def _known_family(family: str) -> str:
    _require(family, load_families(), "family")
    return family


Category = Annotated[str, AfterValidator(_known_category)]
Family = Annotated[str, AfterValidator(_known_family)]


def expand_alternatives(phrases: list[str]) -> list[str]:
    """Return every phrase that alternatives in parentheses stand for: "(is|are) not (clearly|) seen" are four."""
    expanded = [" ".join("".join(parts).split()) for phrase in phrases for parts in _choices(phrase)]
    if "" in expanded:
        raise ValueError("a phrase may be empty; write at least one word that is not optional")
    return expanded


def _choices(phrase: str) -> Iterator[tuple[str, ...]]:
    if "|" not in phrase:
        return iter([(phrase,)])
    if not _ALTERNATIVES.fullmatch(phrase):
        raise ValueError(
            f"{phrase!r}: put alternatives in parentheses, and none inside another: '(is|are) not (clearly|) seen'"
        )
    parts = re.split(r"[()]", phrase)  # Every second part stood in parentheses.
    choices = [part.split("|") if place % 2 else [part] for place, part in enumerate(parts)]
    n_phrases = prod(map(len, choices))
    if n_phrases > MAX_ALTERNATIVES:
        problem = f"{phrase!r} stands for {n_phrases:,} phrases; at most {MAX_ALTERNATIVES:,} are allowed"
        raise ValueError(f"{problem}: leave words out, or write several shorter ones")
    return product(*choices)


MAX_ALTERNATIVES: Final = 10_000
"""Phrases that one with alternatives may stand for: each takes time whenever a lexicon is compiled, and memory."""

_ALTERNATIVES = re.compile(r"[^()]*(?:\([^()]*\)[^()]*)*")

Phrases = Annotated[list[str], AfterValidator(expand_alternatives)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _units(aus: str) -> str:
    if aus and not _UNITS.fullmatch(aus):
        raise ValueError(f"{aus!r} is not allowed; use numbers of FACS: 12, 1+2 for both, 25/26 for either, or nothing")
    return aus


_UNITS = re.compile(r"\d+(?:[+/]\d+)*")


INVENTORY: Final = "inventory"
"""Key of the context in which the actions of a further language are checked."""


class ActionEntry(_Strict):
    """One action: its region, its AUs as FACS writes them, and what makes it."""

    region: Region
    aus: Annotated[str, AfterValidator(_units)]
    frames: dict[str, list[str]] = Field(default_factory=dict)
    words: Phrases = Field(default_factory=list)
    absent: Phrases = Field(default_factory=list)
    plain: Phrases = Field(default_factory=list)


class ActionFile(_Strict):
    """`actions.yaml`."""

    parts: dict[str, Phrases]
    transparent: list[str] = []
    motions: dict[str, Phrases]
    adjacent_only: dict[str, list[str]] = {}
    actions: dict[str, ActionEntry]
    overrides: dict[str, list[str]] = {}
    ignore: Phrases = []

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, data: Any, info: ValidationInfo) -> Any:
        """Give the actions of an inventory, which is the context, their region and AUs where the file does not."""
        if isinstance(data, dict) and isinstance(data.get("actions"), dict):
            inventory: Mapping[str, ActionEntry] = (info.context or {}).get(INVENTORY, {})
            of_inventory = {name: {"region": entry.region, "aus": entry.aus} for name, entry in inventory.items()}
            own = {
                name: of_inventory.get(name, {}) | entry if isinstance(entry, dict) else entry
                for name, entry in data["actions"].items()
            }
            others = {name: entry for name, entry in of_inventory.items() if name not in own}
            return data | {"actions": own | others}
        return data

    @model_validator(mode="after")
    def _names_exist(self) -> "ActionFile":
        for action, entry in self.actions.items():
            for part, motions in entry.frames.items():
                _require(part, self.parts, f"actions.{action}.frames: part")
                for motion in motions:
                    _require(motion, self.motions, f"actions.{action}.frames.{part}: motion")
        for part in self.transparent:
            _require(part, self.parts, "transparent: part")
        for part, motions in self.adjacent_only.items():
            _require(part, self.parts, "adjacent_only: part")
            for motion in motions:
                _require(motion, self.motions, f"adjacent_only.{part}: motion")
        for action, others in self.overrides.items():
            for name in (action, *others):
                _require(name, self.actions, "overrides: action")
        return self


class NegationCues(_Strict):
    """Cues that say a mention is absent."""

    forward: Phrases = []
    listing: Phrases = []
    condition: Phrases = []
    comparison: Phrases = []
    near: Phrases = []
    backward: Phrases = []
    pseudo: Phrases = []


class HedgeCues(_Strict):
    """Cues that say the text is unsure of a mention."""

    forward: Phrases = []
    backward: Phrases = []
    pseudo: Phrases = []


class DegreeWords(_Strict):
    """Words that say how strong an action is."""

    slight: Phrases = []
    strong: Phrases = []


class SideWords(_Strict):
    """Words that say on which side an action is."""

    left: Phrases = []
    right: Phrases = []


class TargetNouns(_Strict):
    """Nouns that say whose a state is."""

    person: Phrases = []
    pronoun: Phrases = []
    general: Phrases = []
    scene: Phrases = []
    place: Phrases = []
    thing: Phrases = []
    either: Phrases = []


class ConclusionCues(_Strict):
    """Cues that lead in what a text concludes, and what only goes with that."""

    main: Phrases = []
    secondary: Phrases = []
    pseudo: Phrases = []


class AssertionFile(_Strict):
    """`assertions.yaml`."""

    negation: NegationCues = NegationCues()
    hedge: HedgeCues = HedgeCues()
    stop: Phrases = []
    stop_after_comma: Phrases = []
    stop_after_noun: Phrases = []
    verbal_negations: Phrases = []
    relatives: Phrases = []
    degree: DegreeWords = DegreeWords()
    side: SideWords = SideWords()
    fillers: Phrases = []
    descriptive: Phrases = []
    attitudes: Phrases = []
    prepositions: Phrases = []
    of: Phrases = []
    and_: Phrases = Field(default=[], alias="and")
    alternatives: Phrases = []
    copulas: Phrases = []
    cases: Phrases = []
    links: Phrases = []
    absent_states: Phrases = []
    present_states: Phrases = []
    unsure_states: Phrases = []
    remark_openings: Phrases = []
    remark_habits: Phrases = []
    choices: Phrases = []
    definite: Phrases = []
    presence: Phrases = []
    consequences: Phrases = []
    than: Phrases = []
    askers: Phrases = []
    targets: TargetNouns = TargetNouns()
    conclusions: ConclusionCues = ConclusionCues()


class TermFile(_Strict):
    """`terms.yaml`."""

    ignore: Phrases = []
    arousal: list[str] = []
    feelings: Phrases = []
    feelings_by_ending: Phrases = []
    not_feelings: Phrases = []
    refusals: Phrases = []
    refusal_ends: Phrases = []
    refusal_openers: Phrases = []
    refusal_verbs: Phrases = []


PHRASE: Final = "{}"
"""Stands for a phrase in its context."""


def _has_place(context: str) -> str:
    if context.count(PHRASE) != 1:
        raise ValueError(f"{context!r} has no place for a phrase; write {PHRASE} once")
    return context


class WordForm(_Strict):
    """A class of words that is known by its endings."""

    endings: Phrases = []
    shortest: int = Field(default=1, ge=1)
    shortest_listed: int = Field(default=1, ge=1)

    def has(self, word: str) -> bool:
        """Return whether a word belongs to the class that no lexicon file lists, in lower case."""
        return len(word) >= self.shortest and word.endswith(tuple(self.endings))

    def has_listed(self, word: str) -> bool:
        """Return whether a word belongs to the class that a lexicon file lists, in lower case."""
        return len(word) >= self.shortest_listed and word.endswith(tuple(self.endings))


class Matching(_Strict):
    """By which form the tokens of a tokenizer with a dictionary are compared with the phrases of a lexicon.

    A token that has no tag of `letters` or `lemma` is compared by its normal form, which spellings have in common.

    Attributes:
        letters: Tags of those that are compared as they stand in the text.
        lemma: Tags of those that are compared by the form that dictionaries list.
        names: Tags of those that can belong to a name.
        same: Form -> the one that is taken for it.
        skipped: Forms of tokens that are passed over, such as marks of politeness.
    """

    letters: list[str] = []
    lemma: list[str] = []
    names: list[str] = []
    same: dict[str, str] = {}
    skipped: list[str] = []


class FormFile(_Strict):
    """`forms.yaml`."""

    head_final: bool = False
    clauses_first: bool = False
    reach: int = Field(default=1, ge=1)
    has_list_mark: bool = False
    matching: Matching = Matching()
    contexts: Annotated[list[Annotated[str, AfterValidator(_has_place)]], Field(min_length=1)] = [PHRASE]
    read_as: dict[Annotated[str, Field(min_length=1, max_length=1)], str] = {}
    shortest_word: int = Field(default=1, ge=1)
    adverbs: WordForm = WordForm()
    participles: WordForm = WordForm()
    feeling_endings: Phrases = []
    facs_units: Phrases = ["aus", "au"]
    facs_joints: Phrases = []
    facs_states: Phrases = []


class UnitPair(_Strict):
    """Two units that together are one action."""

    units: tuple[int, int]
    action: str


class FacsFile(_Strict):
    """`facs.yaml`."""

    units: dict[int, str]
    pair: UnitPair
    others: list[int]
    slight: list[str]
    strong: list[str]


class AnchorFile(RootModel[dict[Family, list[str]]]):
    """`anchors.yaml`: a few names of each family of terms."""

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="after")
    def _names_are_distinct(self) -> "AnchorFile":
        for family in load_families():
            if not self.root.get(family):
                raise ValueError(f"{family} has no name; give each of {', '.join(load_families())} some")
        names = [name for names in self.root.values() for name in names]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"{name!r} is listed twice; list a name once")
        return self


class NameFile(_Strict):
    """`names.yaml`."""

    titles: Phrases = []
    ranks: Phrases = []
    persons: Phrases = []
    kin: Phrases = []
    perhaps: Phrases = []
    company: Phrases = []
    at: Phrases = []
    looks_at: Phrases = []
    people: Phrases = []
    works: Phrases = []
    works_behind: Phrases = []
    person_from: Phrases = []
    person_in: Phrases = []
    places: Phrases = []
    inside_work: Phrases = []
    inside_person: Phrases = []
    person_letters: Phrases = []
    surnames: Phrases = []
    names_behind: Phrases = []
    small_surnames: Phrases = []
    proper_places: Phrases = []
    known_works: Phrases = []
    small_works: Phrases = []
    known_persons: Phrases = []
    deeds: Phrases = []
    doing: Phrases = []
    helping: Phrases = []
    between: Phrases = []
    generic: Phrases = []
    owning: Phrases = []
    determiners: Phrases = []
    possessives: Phrases = []
    relatives: Phrases = []
    owned: Phrases = []
    articles: Phrases = []
    brackets: Phrases = []
    closing: Phrases = []
    quotes: Phrases = []
    joins: Phrases = []
    openers: Phrases = []
    common: Phrases = []
    things: Phrases = []
    longest_abbreviation: int = Field(default=0, ge=0)


class GivenNameFile(_Strict):
    """`given_names.yaml`."""

    names: dict[str, Phrases] = {}
    words: Phrases = []


class ThinkingForms(_Strict):
    """The marks between which a model thinks aloud."""

    tags: Phrases = []
    brackets: list[tuple[str, str]] = []
    marks: list[tuple[str, str]] = []


class AsideFile(_Strict):
    """`asides.yaml`."""

    thinking: ThinkingForms = ThinkingForms()
    named_after: Phrases = []
    written_after: Phrases = []
    writer: Phrases = []
    writer_objects: Phrases = []
    comments: Phrases = []
    measures: Phrases = []
    grades: Phrases = []
    plain_keys: Phrases = []
    asking_turns: Phrases = []
    answering_turns: Phrases = []


class TermEntry(_Strict):
    """One row of `emotions.csv`: `category` is the family of a basic set or Other, `family` a finer one.

    `gloss` is the term in English, in a lexicon of another language.
    """

    term: str = Field(min_length=1)
    pos: Literal["noun", "adj", "verb", "adv", "phrase"]
    category: Category
    family: Family | None = None
    valence: float | None = Field(default=None, ge=-1, le=1)
    context: Literal["", "state"] = ""
    forms: list[str] = Field(default_factory=list)
    gloss: str = ""


def _require(name: str, known: Collection[str], where: str) -> None:
    if name not in known:
        raise ValueError(f"{where} {name!r} is unknown; use one of {', '.join(known)}")
