"""The categories of a facial expression, as sets that a study chooses from: their order and what they mean."""

from dataclasses import dataclass, field

OTHER = "Other"
"""The category of a term that is a feeling or an attitude outside the categories."""

UNDECIDED = "Undecided"
"""What a reading says if the description supports no category."""

VALENCE_BAND = 0.2
"""A valence closer to 0 than this is neither pleasant nor unpleasant."""

_NUMBERS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight"),
    *("nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen"),
)


@dataclass(frozen=True, slots=True)
class Category:
    """One category of a set.

    Attributes:
        name: As it stands in labels, tables and prompts.
        valence: Pleasantness, -1 to 1.
        families: Of the lexicon's terms, those that speak for it.
        actions: Of the families of face actions, those that speak for it.
        aliases: Other words for it in gold and labels.
        terms: Single lexicon terms that speak for it, whatever their family.
        term_valence: Terms that nothing else claims speak for it if their valence is from the first to the second.
    """

    name: str
    valence: float
    families: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    term_valence: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class CategorySet:
    """The categories of a study; their order is that of every table.

    Attributes:
        name: basic7, basic8, or that of the user's file.
        categories: In order.
        neutral: The name of the one that says that a face shows nothing, or None if there is none.
        other_actions: Families of face actions that are known and speak for none.
    """

    name: str
    categories: tuple[Category, ...]
    neutral: str | None
    other_actions: tuple[str, ...] = ()
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Note the names."""
        object.__setattr__(self, "names", tuple(category.name for category in self.categories))

    def __len__(self) -> int:
        """Return the number of categories."""
        return len(self.categories)

    @property
    def neutral_place(self) -> int | None:
        """The place of the neutral category, from 0, or None."""
        return None if self.neutral is None else self.names.index(self.neutral)

    @property
    def valences(self) -> tuple[float, ...]:
        """The valence of each category."""
        return tuple(category.valence for category in self.categories)

    @property
    def score_columns(self) -> tuple[str, ...]:
        """The column of `readings.parquet` with the score of each category."""
        return tuple(f"score_{name.lower().replace(' ', '_')}" for name in self.names)

    def valence_of(self, name: str) -> float:
        """Return the valence of a category; 0 for Other."""
        return dict(zip(self.names, self.valences, strict=True)).get(name, 0.0)


def spell_number(n: int) -> str:
    """Return a number of categories in words, as tables and pages have it."""
    return _NUMBERS[n - 1]
