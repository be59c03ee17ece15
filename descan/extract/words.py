"""Words as small integers: one code for each word of the lexicon, a few shapes for all others."""

from collections.abc import Callable, Mapping
from typing import Final

from descan.extract.engine import roles
from descan.extract.engine.codes import Shape
from descan.extract.tokenizers import Token
from descan.lexicon import FormFile

CAPITAL: Final = 1 << 24
"""Added to the code of a token that can belong to a name, as one that begins with a capital can."""

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
    Shape.QUESTION: roles.BREAK | roles.LABEL,
    Shape.NUMBER: roles.NUMBER,
    Shape.OPENING: roles.BREAK | roles.LABEL | roles.OPENING,
}
PUNCTUATION: Final = {
    ",": Shape.COMMA,
    ".": Shape.END,
    "!": Shape.END,
    "?": Shape.QUESTION,
    "…": Shape.END,
    "•": Shape.END,
    "▪": Shape.END,
    "●": Shape.END,
    "◦": Shape.END,
    "‣": Shape.END,
    "。": Shape.END,
    "、": Shape.COMMA,
    ";": Shape.BREAK,
    ":": Shape.LABEL,
    "—": Shape.LABEL,
    "–": Shape.LABEL,
    "--": Shape.LABEL,
    "(": Shape.OPENING,
    ")": Shape.BREAK,
    "[": Shape.OPENING,
    "]": Shape.BREAK,
    "|": Shape.LABEL,
    "+": Shape.BREAK,
}

WORDLESS: Final = (
    Shape.COMMA,
    Shape.BREAK,
    Shape.END,
    Shape.NEWLINE,
    Shape.MARK,
    Shape.LABEL,
    Shape.QUESTION,
    Shape.OPENING,
)
"""Shapes of tokens without letters and digits."""


class WordCodes(dict[int, int]):
    """The codes of tokens by the tokenizer's keys; a key is looked up once.

    A code has `CAPITAL` where the token can belong to a name, and the number of its letters in the bits from
    `LENGTH` on.
    """

    def __init__(self, token_of: Callable[[int], Token], known: Mapping[str, int], forms: FormFile) -> None:
        """Start with no token.

        Args:
            token_of: Returns the token of a key.
            known: The codes of the lexicon's words, by their forms.
            forms: What other words are by their form.
        """
        super().__init__()
        self._token_of = token_of
        self._known = known
        self._forms = forms

    def __missing__(self, key: int) -> int:
        """Remember the code of a new key and return it."""
        letters, form, is_name = self._token_of(key)
        code = self._known.get(form)
        if code is None:
            code = int(shape_of(form, self._forms))
        if is_name:
            code += CAPITAL
        self[key] = code = code + (len(letters) << LENGTH)
        return code


def shape_of(word: str, forms: FormFile) -> Shape:
    """Return the shape of a token that the lexicon does not have, in lower case."""
    if word in PUNCTUATION:
        return PUNCTUATION[word]
    if word.isspace():
        return Shape.NEWLINE if "\n" in word or "\r" in word else Shape.MARK
    if not any(letter.isalnum() for letter in word):
        return Shape.LABEL if ":" in word or "|" in word else Shape.MARK
    if word[:1].isdigit():
        return Shape.NUMBER
    if not word.isalpha() or len(word) < forms.shortest_word:
        return Shape.OTHER
    if forms.adverbs.has(word):
        return Shape.ADVERB
    if forms.participles.has(word):
        return Shape.PARTICIPLE
    return Shape.FEELING if word.endswith(tuple(forms.feeling_endings)) else Shape.UNKNOWN


def role_of_listed(word: str, forms: FormFile) -> int:
    """Return the role that a word of the lexicon has by its form, in lower case."""
    if word[:1].isdigit():
        return roles.NUMBER
    if not any(letter.isalnum() for letter in word):
        return SHAPE_ROLES[Shape.MARK]
    if forms.participles.has_listed(word):
        return roles.PARTICIPLE
    return roles.ADVERB if forms.adverbs.has_listed(word) else 0
