"""SudachiPy (Takaoka et al. 2018: Sudachi, a Japanese tokenizer for business), called directly.

It cuts into the longest units: a compound verb is a word of its own (落ち着く is no 落ちる), and so is a compound noun.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from sudachipy import Dictionary, Morpheme, SplitMode

from descan.extract.raw_text import replace_surrogates
from descan.extract.tokenizers.protocol import KeysAndStarts, Token
from descan.lexicon import Lexicon
from descan.lexicon.entries import PHRASE

_LONGEST_PIECE: Final = 4_000
"""Characters that are cut at once; it takes no more than 49,149 bytes."""

_SKIPPED: Final = -1
"""The key of what is passed over."""

_PIECE = re.compile(rf"[\s\S]{{1,{_LONGEST_PIECE}}}(?:(?<=[\n。])|\Z)|[\s\S]{{1,{_LONGEST_PIECE}}}")
_LATIN = re.compile(r"[A-Za-z0-9]+")


class SudachiSegmenter:
    """Sudachi with its core dictionary, in mode C."""

    cuts_at_spaces = False

    def __init__(self, lexicon: Lexicon) -> None:
        """Open the dictionary.

        Args:
            lexicon: Its forms say by which form a token is compared, and in which contexts phrases are cut.
        """
        self._tokenizer = Dictionary(dict="core").tokenizer(mode=SplitMode.C)
        matching = lexicon.forms.matching
        self._by_letters, self._by_lemma = frozenset(matching.letters), frozenset(matching.lemma)
        self._names = frozenset(matching.names)
        self._same, self._skipped = matching.same, frozenset(matching.skipped)
        self._contexts = [context.partition(PHRASE)[::2] for context in lexicon.forms.contexts]
        self._keys: dict[tuple[str, int], int] = {}
        self._latin: dict[str, int] = {}
        self._tokens: list[Token] = []

    def segment(self, texts: Iterable[str]) -> Iterator[KeysAndStarts]:
        """Yield the tokens of each text."""
        return map(self._cut, texts)

    def token(self, key: int) -> Token:
        """Return the token of a key."""
        return self._tokens[key]

    def cuts(self, phrase: str) -> list[list[str]]:
        """Return the forms of a phrase's tokens, each way once in which one of the contexts has it cut."""
        ways: dict[tuple[str, ...], None] = {}
        for before, after in self._contexts:
            keys, starts = self._cut(f"{before}{phrase}{after}")
            tokens = [self._tokens[key] for key in keys]
            ends = [start + len(token.letters) for start, token in zip(starts, tokens, strict=True)]
            first, end = len(before), len(before) + len(phrase)
            if first in starts and end in ends:
                inside = slice(starts.index(first), ends.index(end) + 1)
                ways[tuple(token.form for token in tokens[inside])] = None
        return list(map(list, ways))

    def _cut(self, text: str) -> KeysAndStarts:
        keys: list[int] = []
        starts: list[int] = []
        text = replace_surrogates(text)
        for piece in _PIECE.finditer(text):
            for morpheme in self._tokenizer.tokenize(piece[0]):
                # A character that stands for several has empty tokens behind its first.
                if (key := self._key(morpheme)) != _SKIPPED and morpheme.begin() < morpheme.end():
                    keys.append(key)
                    starts.append(piece.start() + morpheme.begin())
        return self._join_latin(text, keys, starts) if _LATIN.search(text) else (keys, starts)

    def _key(self, morpheme: Morpheme) -> int:
        known = (morpheme.surface(), morpheme.word_id())
        if known not in self._keys:
            form = self._form(morpheme)
            token = Token(known[0], self._same.get(form, form), self._may_be_name(morpheme))
            self._keys[known] = _SKIPPED if form in self._skipped else self._add(token)
        return self._keys[known]

    def _add(self, token: Token) -> int:
        self._tokens.append(token)
        return len(self._tokens) - 1

    def _form(self, morpheme: Morpheme) -> str:
        tags = morpheme.part_of_speech()
        if not self._by_letters.isdisjoint(tags):
            return str(morpheme.surface()).lower()
        has_lemma = not self._by_lemma.isdisjoint(tags)
        form: str = morpheme.dictionary_form() if has_lemma else morpheme.normalized_form()
        return form.lower()

    def _may_be_name(self, morpheme: Morpheme) -> bool:
        return not self._names.isdisjoint(morpheme.part_of_speech())

    def _join_latin(self, text: str, keys: list[int], starts: list[int]) -> KeysAndStarts:
        """Join the tokens of Latin letters and digits that stand side by side: they are one word or code."""
        ends = {*starts[1:], len(text)}
        words = {word.start(): word for word in _LATIN.finditer(text) if word.end() in ends}
        joined: list[int] = []
        begins: list[int] = []
        end = 0
        for key, start in zip(keys, starts, strict=True):
            if start < end:
                continue
            if start in words:
                letters, end = words[start][0], words[start].end()
                if letters not in self._latin:
                    self._latin[letters] = self._add(Token(letters, letters.lower()))
                key = self._latin[letters]
            joined.append(key)
            begins.append(start)
        return joined, begins
