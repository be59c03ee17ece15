"""Words as small integers: one code for each word of the lexicon, a few shapes for all others."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from spacy.vocab import Vocab

from descan.extract import roles


class Shape(IntEnum):
    """Codes of words that the lexicon does not have."""

    UNKNOWN = 0
    ADVERB = 1
    PARTICIPLE = 2
    FEELING = 3
    OTHER = 4
    COMMA = 5
    BREAK = 6
    END = 7
    NEWLINE = 8
    MARK = 9
    LABEL = 10


FIRST_WORD: Final = len(Shape)
"""Lexicon words have this code and higher ones."""

CAPITAL: Final = 1 << 24
"""Added to the code of a token that begins with a capital."""

LENGTH: Final = 32
"""Bits before the number of letters of a token."""

SHAPE_ROLES: Final = {
    Shape.ADVERB: roles.FILLER | roles.ADVERB,
    Shape.PARTICIPLE: roles.PARTICIPLE,
    Shape.COMMA: roles.COMMA,
    Shape.BREAK: roles.BREAK,
    Shape.END: roles.BREAK,
    Shape.NEWLINE: roles.BREAK,
    Shape.MARK: roles.MARK | roles.FILLER,
    Shape.LABEL: roles.BREAK | roles.LABEL,
}
PUNCTUATION: Final = {
    ",": Shape.COMMA,
    ".": Shape.END,
    "!": Shape.END,
    "?": Shape.END,
    "…": Shape.END,
    "。": Shape.END,
    ";": Shape.BREAK,
    ":": Shape.LABEL,
    "—": Shape.LABEL,
    "–": Shape.LABEL,
    "--": Shape.LABEL,
    "(": Shape.BREAK,
    ")": Shape.BREAK,
    "|": Shape.LABEL,
}

WORDLESS: Final = (Shape.COMMA, Shape.BREAK, Shape.END, Shape.NEWLINE, Shape.MARK, Shape.LABEL)
"""Shapes of tokens without letter and digit."""


class WordCodes(dict[int, int]):
    """Codes by spaCy's hash of a token; one that is asked for the first time is looked up or put in a shape.

    A code has `CAPITAL` where the token begins with a capital, and the number of its letters in the bits from
    `LENGTH` on.
    """

    def __init__(self, vocab: Vocab, known: Mapping[str, int], feeling_endings: tuple[str, ...]) -> None:
        """Start with no token.

        Args:
            vocab: The vocabulary whose hashes are asked for.
            known: The codes of the lexicon's words, in small letters.
            feeling_endings: Endings of nouns that can be feelings.
        """
        super().__init__()
        self._vocab = vocab
        self._known = known
        self._feeling_endings = feeling_endings

    def __missing__(self, key: int) -> int:
        """Remember the code of a new token."""
        lexeme = self._vocab[key]
        word = lexeme.lower_
        code = self._known.get(word)
        if code is None:
            code = int(_shape(word, self._feeling_endings))
        if lexeme.orth_[:1].isupper():
            code += CAPITAL
        self[key] = code = code + (len(lexeme.orth_) << LENGTH)
        return code


def _shape(word: str, feeling_endings: tuple[str, ...]) -> Shape:
    if word in PUNCTUATION:
        return PUNCTUATION[word]
    if word.isspace():
        return Shape.NEWLINE if "\n" in word or "\r" in word else Shape.MARK
    if not any(letter.isalnum() for letter in word):
        return Shape.LABEL if ":" in word or "|" in word else Shape.MARK
    if not word.isalpha() or len(word) < 3:
        return Shape.OTHER
    if word.endswith("ly"):
        return Shape.ADVERB
    if word.endswith("ing") and len(word) > 4:
        return Shape.PARTICIPLE
    return Shape.FEELING if word.endswith(feeling_endings) else Shape.UNKNOWN
