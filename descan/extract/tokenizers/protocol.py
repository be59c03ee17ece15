"""One protocol for all tokenizers, so that nothing else knows which of them cuts the texts of a language."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

KeysAndStarts = tuple[list[int], list[int]]
"""The key of each token of a text, and the character at which it begins."""


class Token(NamedTuple):
    """A distinct token.

    Attributes:
        letters: As it stands in the text.
        form: What phrases of the lexicon are compared with: its letters in lower case, or the form that a dictionary
            has it under.
        is_name: Whether it can belong to the name of a person, a show or a film.
    """

    letters: str
    form: str
    is_name: bool = False


class Segmenter(Protocol):
    """Cuts texts into tokens; each distinct token has a key."""

    @property
    def cuts_at_spaces(self) -> bool:
        """Whether a stretch between spaces always has the same tokens, whatever stands around it."""

    def segment(self, texts: Iterable[str]) -> Iterator[KeysAndStarts]:
        """Yield the tokens of each text; what they are is known until the next text is asked for."""

    def token(self, key: int) -> Token:
        """Return the token of a key."""

    def cuts(self, phrase: str) -> list[list[str]]:
        """Return the forms of a phrase's tokens, in each way in which a text may have the phrase cut."""
