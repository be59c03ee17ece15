"""Tokenizers of spaCy, for languages whose words have spaces between them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from spacy.attrs import IDX, ORTH
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

from descan.extract.raw_text import make_tokenizable
from descan.extract.tokenizers.protocol import KeysAndStarts, Token

_COLUMNS = [ORTH, IDX]


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
                yield self.tokens_of(self._tokenizer(make_tokenizable(text)))

    def tokens_of(self, doc: Doc) -> KeysAndStarts:
        """Return the tokens of a document."""
        keys, starts = doc.to_array(_COLUMNS).T.tolist()
        return keys, starts

    def token(self, key: int) -> Token:
        """Return the token of a key, with its letters in lower case as its form."""
        word: str = self._vocab.strings[key]
        return Token(word, word.lower(), word[:1].isupper())

    def cuts(self, phrase: str) -> list[list[str]]:
        """Return the forms of a phrase's tokens: the one way in which it is cut."""
        lowered = phrase.lower()
        if self._is_whole(lowered):
            return [[lowered]]
        return [[token.lower_ for token in self._tokenizer(lowered)]]

    def _is_whole(self, word: str) -> bool:
        """Return whether no rule of the tokenizer cuts a word; for most words that is known sooner than its tokens."""
        if not (self.cuts_at_spaces and word.isalpha()) or word in self._tokenizer.rules:
            return False
        searches = (self._tokenizer.prefix_search, self._tokenizer.suffix_search)
        if any(search is not None and search(word) for search in searches):
            return False
        find_infixes = self._tokenizer.infix_finditer
        return find_infixes is None or not any(True for _ in find_infixes(word))

    @contextmanager
    def _forgetting(self) -> Iterator[None]:
        """Keep spaCy from remembering every word that it meets."""
        if self._vocab.in_memory_zone:  # Zones must not be nested.
            yield
            return
        with self._vocab.memory_zone():
            yield
