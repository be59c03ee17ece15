"""Replies that are nothing but a list of states, of which some are spelled unusually: "anger, sadness"."""

from functools import cached_property

from descan.categorize.labels.category_names import MARKUP, NameFinder
from descan.categorize.labels.cues import LabelPatterns
from descan.categorize.labels.statements import AMBIGUOUS
from descan.emotions import OTHER, CategorySet
from descan.lexicon import Lexicon, fold_spelling, lower_case, term_categories
from descan.records import Label

_N_CHARS = 80


class ListingReader:
    """Reads lists of names and of other words for emotions."""

    def __init__(self, names: NameFinder, patterns: LabelPatterns, categories: CategorySet, lexicon: Lexicon) -> None:
        """Take the names, the words that join them, the category set, and the lexicon with the words for emotions."""
        self._lexicon = lexicon
        self._set = categories
        self._names = names
        self._patterns = patterns

    def read(self, text: str) -> Label | None:
        """Return the label of a list of at least two states with a name among them, or None if it is no such list."""
        if len(text) > _N_CHARS or text.rstrip().endswith("?"):
            return None
        parts = self._patterns.separator.split(lower_case(text.strip(MARKUP)))
        named = [self._names.label_of(part) for part in parts]
        if len(parts) < 2 or not any(named):
            return None
        labels = {label or self._category_of(part) for label, part in zip(named, parts, strict=True)}
        if None in labels:
            return None
        labels -= {OTHER}
        return AMBIGUOUS if len(labels) > 1 else Label(labels.pop())

    def _category_of(self, part: str) -> str | None:
        article = self._patterns.article.match(part)
        return self._categories.get(fold_spelling(part[article.end() if article else 0 :].strip(MARKUP)))

    @cached_property
    def _categories(self) -> dict[str, str]:
        categories = term_categories(self._lexicon, self._set)
        return {
            fold_spelling(form): categories[entry.term]
            for entry in self._lexicon.terms.values()
            for form in (entry.term, *entry.forms)
        }
