"""One protocol for all tokenizers, so that nothing else knows which of them cuts the texts of a language."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from spacy.attrs import IDX, ORTH
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

_COLUMNS = [ORTH, IDX]

KeysAndStarts = tuple[list[int], list[int]]
"""The key of each token of a text, and the character at which it begins."""


class Segmenter(Protocol):
    """Cuts texts into tokens; each distinct token has a key."""

    @property
    def cuts_at_spaces(self) -> bool:
        """Whether a stretch between spaces always has the same tokens, whatever stands around it."""

    def segment(self, texts: Iterable[str]) -> Iterator[KeysAndStarts]:
        """Yield the tokens of each text; what they are is known until the next text is asked for."""

    def word_of(self, key: int) -> str:
        """Return the letters of a token."""

    def words(self, phrase: str) -> list[str]:
        """Return the tokens of a phrase as words in lower case."""


class SpacySegmenter:
    """A tokenizer of spaCy."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        """Wrap a tokenizer."""
        self._tokenizer = tokenizer
        self._vocab = tokenizer.vocab
        self.cuts_at_spaces = isinstance(tokenizer, Tokenizer)

    def segment(self, texts: Iterable[str]) -> Iterator[KeysAndStarts]:
        """Yield the tokens of each text."""
        with self._forgetting():
            for text in texts:
                yield self.tokens_of(self._tokenizer(text))

    def tokens_of(self, doc: Doc) -> KeysAndStarts:
        """Return the tokens of a document."""
        keys, starts = doc.to_array(_COLUMNS).T.tolist()
        return keys, starts

    def word_of(self, key: int) -> str:
        """Return the letters of a token."""
        word: str = self._vocab.strings[key]
        return word

    def words(self, phrase: str) -> list[str]:
        """Return the tokens of a phrase as words in lower case."""
        return [token.lower_ for token in self._tokenizer(phrase.lower())]

    @contextmanager
    def _forgetting(self) -> Iterator[None]:
        """Keep spaCy from remembering every word that it meets."""
        if self._vocab.in_memory_zone:  # Zones must not be nested.
            yield
            return
        with self._vocab.memory_zone():
            yield
