"""jieba-rs through rjieba: the segmenter jieba (word lattice, most probable path) with its dictionary, called directly.

Every word of a phrase is a word of the dictionary, too, so that it is cut alike in its phrase and in a text. Unknown
words are not guessed at: their characters stand alone.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from rjieba import Jieba

from descan.extract.raw_text import replace_surrogates
from descan.extract.tokenizers.protocol import KeysAndStarts, Token
from descan.lexicon import Lexicon

_NO_TAG: Final = ""
_SHORTEST_COMPOUND: Final = 3
"""Letters of a word that is looked at for words of the lexicon in it; pieces of shorter ones say little."""


class JiebaSegmenter:
    """jieba with its own dictionary and the words of a lexicon."""

    cuts_at_spaces = False

    def __init__(self, lexicon: Lexicon) -> None:
        """Open the dictionary.

        Args:
            lexicon: Its forms say which letters are read as others; its given names, and its surnames with titles,
                are words.
        """
        self._jieba = Jieba()
        self._read_as = str.maketrans(
            {letter: plain for plain, letters in lexicon.forms.read_as.items() for letter in letters}
        )
        titled = (surname + title for surname in lexicon.names.surnames for title in lexicon.names.titles)
        self._names = dict.fromkeys(chain(*lexicon.given_names.names.values(), titled))  # Their order decides on cuts.
        self._words: set[str] = set()
        self._keys: dict[str, list[int]] = {}
        self._tokens: list[Token] = []
        for name in self._names:
            self._add(name)

    def segment(self, texts: Iterable[str]) -> Iterator[KeysAndStarts]:
        """Yield the tokens of each text."""
        return map(self._cut, texts)

    def token(self, key: int) -> Token:
        """Return the token of a key."""
        return self._tokens[key]

    def cuts(self, phrase: str) -> list[list[str]]:
        """Return the words of a phrase, which have spaces between them, and make sure that texts are cut into them."""
        words = phrase.lower().translate(self._read_as).split()
        for word in words:
            if word not in self._words:
                self._words.add(word)
                self._add(word)
        return [words]

    def _add(self, word: str) -> None:
        """Make sure that texts are cut into a word."""
        self._jieba.add_word(word, self._jieba.suggest_freq(word), _NO_TAG)

    def _cut(self, text: str) -> KeysAndStarts:
        keys: list[int] = []
        starts: list[int] = []
        place = 0
        for word in self._jieba.cut(replace_surrogates(text).translate(self._read_as), hmm=False):
            for key in self._keys_of(word):
                keys.append(key)
                starts.append(place)
                place += len(self._tokens[key].letters)
        return keys, starts

    def _keys_of(self, word: str) -> list[int]:
        """Return the keys of a word of the dictionary; one that the lexicon has only in pieces has a key for each."""
        if word not in self._keys:
            is_whole = word in self._words or word in self._names or len(word) < _SHORTEST_COMPOUND
            pieces = [word] if is_whole else self._pieces(word)
            if len(pieces) == 1:
                self._keys[word] = [len(self._tokens)]
                self._tokens.append(Token(word, word.lower(), word in self._names))
            else:
                self._keys[word] = [key for piece in pieces for key in self._keys_of(piece)]
        return self._keys[word]

    def _pieces(self, word: str) -> list[str]:
        """Return the longest words of the lexicon that make up a word, from left to right, or else the word alone."""
        for end in range(len(word) - 1, 0, -1):
            if word[:end] in self._words:
                rest = word[end:]
                pieces = [rest] if rest in self._words else self._pieces(rest)
                if pieces != [rest] or rest in self._words:
                    return [word[:end], *pieces]
        return [word]
