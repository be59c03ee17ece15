"""Persons, shows and films that a description names.

A run of capitalised words is a name where a word before it says so ("the actor X", "a scene from X"), or where it does
what a person does ("X's expression", "X appears") and is no ordinary word at the start of a sentence.
"""

from collections.abc import Sequence

from spacy.tokens import Doc

from descan.extract.vocabulary import FIRST_WORD, Shape
from descan.lexicon import Lexicon

_SMALL = frozenset({"of", "the", "and", "de", "van", "von", "in", "at"})


class NameFinder:
    """Finds names; built once from a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Remember the words that announce a name and those that are none."""
        self._before = frozenset(word for phrase in lexicon.names.before for word in phrase.split()[-1:])
        self._after = frozenset(lexicon.names.after)
        self._common = frozenset(lexicon.names.common)

    def find(self, doc: Doc, codes: Sequence[int]) -> tuple[str, ...]:
        """Give the names in the order in which they first appear."""
        text = doc.text
        candidates = [
            index
            for index, code in enumerate(codes)
            if code < FIRST_WORD and code <= Shape.OTHER and text[doc[index].idx].isupper()
        ]
        names: dict[str, None] = {}
        done = 0
        for index in candidates:
            if index < done:
                continue
            end = self._run_end(doc, index)
            done = end
            name = doc[index:end].text
            if len(name) > 1 and self._is_name(doc, index, end, codes):
                names.setdefault(name)
        return tuple(names)

    def _run_end(self, doc: Doc, start: int) -> int:
        end = start + 1
        while end < len(doc):
            word = doc[end].text
            if word[:1].isupper() and word.isalpha():
                end += 1
            elif word.lower() in _SMALL and end + 1 < len(doc) and doc[end + 1].text[:1].isupper():
                end += 2
            else:
                break
        return end

    def _is_name(self, doc: Doc, start: int, end: int, codes: Sequence[int]) -> bool:
        words = [token.text for token in doc[start:end]]
        if all(word.lower() in self._common or (word.isupper() and len(word) < 5) for word in words):
            return False
        before = start - 1
        while before >= 0 and (codes[before] == Shape.MARK or doc[before].lower_ in ("the", "a", '"')):
            before -= 1
        if before >= 0 and doc[before].lower_ in self._before:
            return True
        is_initial = before < 0 or codes[before] in (Shape.END, Shape.NEWLINE, Shape.BREAK, Shape.LABEL, Shape.OTHER)
        follows = doc[end].lower_ if end < len(doc) else ""
        if not is_initial:
            return follows in self._after
        return follows in ("'s", "’s") and len(words) <= 3 and not any(word.lower() in self._common for word in words)
