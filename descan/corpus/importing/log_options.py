"""What a user says about logs that they do not say themselves."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from descan.corpus.spellings import parse_aliases
from descan.emotions import CategorySet
from descan.errors import OptionError, check_number, quote
from descan.lexicon import load_category_set
from descan.records import Mode


class LogKeywords(TypedDict, total=False):
    """The keywords of `LogOptions`."""

    mode: Mode | str | None
    prompt_contains: Mapping[str, str | Sequence[str]] | str | None
    model: str | None
    text_column: str | None
    label_column: str | None
    id_column: str | None
    gold_column: str | None
    group_column: str | None
    media_column: str | None
    model_column: str | None
    id_pattern: str | None
    group_pattern: str | None
    media_folder: Path | str | None
    aliases: Mapping[str, str]
    categories: CategorySet | Path | str | None
    drop_gold: Sequence[str]
    gold: bool
    first_repeat: int
    language: str


@dataclass(frozen=True, slots=True)
class LogOptions:
    """What a user says about logs.

    Attributes:
        mode: What the models were asked for: describe, classify, ...; with `prompt_contains`, by all other prompts.
        prompt_contains: Mode -> words, or several, that only the prompts of this mode contain; case and spaces make no
            difference. Words alone are those of `mode`, and answers to other prompts are left out.
        model: Name of the model of all answers.
        text_column: Column with the descriptions, where a format leaves that open.
        label_column: Column with the labels, where a format leaves that open.
        id_column: Field with the item, if the format's own is not it; may be a dotted path, like the next four.
        gold_column: Field with the gold category.
        group_column: Field with the group.
        media_column: Field with the path of the picture or clip.
        model_column: Field with the model.
        id_pattern: Regular expression that all of an id fits: its group `item`, or else the first, is the item; groups
            `mode`, `repeat` and `model` are read, too.
        group_pattern: Regular expression that finds the group of an item in its id: its first group, or all of it.
        media_folder: Folder that media paths are relative to; the folder of the log if None.
        aliases: Word -> category, for gold and labels.
        categories: The category set: basic7, basic8 or a TOML file of your own; that of the corpus, or basic7, if None.
        drop_gold: Golds whose items are left out: categories of another set, or words that name none.
        gold: Take gold from the logs.
        first_repeat: Number of the first repeat in the logs, for another run of the same questions.
        language: Language of the answers; English if empty.
    """

    mode: Mode | str | None = None
    prompt_contains: Mapping[str, str | Sequence[str]] | str | None = None
    model: str | None = None
    text_column: str | None = None
    label_column: str | None = None
    id_column: str | None = None
    gold_column: str | None = None
    group_column: str | None = None
    media_column: str | None = None
    model_column: str | None = None
    id_pattern: str | None = None
    group_pattern: str | None = None
    media_folder: Path | str | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)
    categories: CategorySet | Path | str | None = None
    drop_gold: Sequence[str] = ()
    gold: bool = True
    first_repeat: int = 0
    language: str = ""

    def __post_init__(self) -> None:
        """Check the options.

        Raises:
            OptionError: If one is not allowed.
            InputError: If an alias is not allowed.
        """
        check_number("first_repeat", self.first_repeat, 0, 1_000_000)
        for option in ("id_pattern", "group_pattern"):
            _compile(option, getattr(self, option))
        if self.model is not None and not self.model.strip():
            raise OptionError("model", "is blank; give the name of the model")
        if not self.gold and self.gold_column is not None:
            raise OptionError("gold_column", "names gold, and gold is not to be taken; leave one of the two out")
        parse_aliases(self.aliases, self.category_set())
        self.parting()

    def category_set(self) -> CategorySet:
        """Return the category set of the golds and labels.

        Raises:
            InputError: If it cannot be read.
        """
        if isinstance(self.categories, CategorySet):
            return self.categories
        return load_category_set() if self.categories is None else load_category_set(self.categories)

    def parting(self) -> "PromptParting":
        """Return which prompt is of which mode.

        Raises:
            OptionError: If a mode is unknown or words are blank.
        """
        mode = None if self.mode is None else _to_mode("mode", self.mode)
        given = self.prompt_contains
        if given is None:
            return PromptParting((), mode)
        if isinstance(given, str):
            if mode is None:
                problem = f"{quote(given)} is of no mode; use MODE=TEXT, or name a mode, too"
                raise OptionError("prompt_contains", problem)
            return PromptParting(_parts({mode: given}), None)
        parts = _parts({_to_mode("prompt_contains", name): words for name, words in given.items()})
        return PromptParting(parts, mode)

    def patterns(self) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
        """Return `id_pattern` and `group_pattern`, compiled."""
        return _compile("id_pattern", self.id_pattern), _compile("group_pattern", self.group_pattern)


@dataclass(frozen=True, slots=True)
class PromptParting:
    """Which prompts are of which mode.

    Attributes:
        parts: Each mode with words, folded, that its prompts contain.
        other: The mode of all other prompts, or None.
    """

    parts: tuple[tuple[Mode, str], ...]
    other: Mode | None

    def find(self, prompt: str) -> frozenset[Mode]:
        """Return the modes that a prompt may be of."""
        folded = _fold(prompt)
        found = frozenset(mode for mode, words in self.parts if words in folded)
        return found or frozenset(() if self.other is None else (self.other,))


def _parts(words_by_mode: Mapping[Mode, str | Sequence[str]]) -> tuple[tuple[Mode, str], ...]:
    parts = []
    for mode, words in words_by_mode.items():
        for text in (words,) if isinstance(words, str) else words:
            if not _fold(text):
                raise OptionError("prompt_contains", f"of {mode} is blank; give words of the prompt")
            parts.append((mode, _fold(text)))
    return tuple(parts)


def _fold(text: str) -> str:
    return " ".join(text.split()).casefold()


def _to_mode(option: str, name: Mode | str) -> Mode:
    try:
        return Mode(name)
    except ValueError:
        raise OptionError(option, f"has mode {quote(name)}; use one of {', '.join(Mode)}") from None


def _compile(option: str, pattern: str | None) -> re.Pattern[str] | None:
    try:
        return None if pattern is None else re.compile(pattern)
    except re.error as error:
        raise OptionError(option, f"{quote(pattern)} is no regular expression: {error}") from None
