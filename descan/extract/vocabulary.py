"""The lexicon compiled to token matching: words to codes, phrases of codes to what they can mean.

A sentence becomes a tuple of small integers in which every word that no lexicon file has is one of a few shapes
(`Shape`). Whatever is found in a sentence depends on that tuple alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, NamedTuple

from spacy.tokenizer import Tokenizer
from spacy.vocab import Vocab

from descan.lexicon import Lexicon


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


FIRST_WORD = len(Shape)
"""Lexicon words have this code and higher ones."""


class Role:
    """What a single word does in a clause: bits of a plain int, since an enum's `&` costs more than all else."""

    FILLER: Final = 1
    OF: Final = 2
    AND: Final = 4
    COPULA: Final = 8
    STOP_AFTER_COMMA: Final = 16
    COMMA: Final = 32
    BREAK: Final = 64
    MARK: Final = 128
    PARTICIPLE: Final = 256
    ADVERB: Final = 512
    NOT_FEELING: Final = 1024
    STOP_AFTER_NOUN: Final = 2048
    RELATIVE: Final = 4096
    LABEL: Final = 8192


class Layer(IntEnum):
    """Kinds of phrases; in each layer the longest phrase wins."""

    FACE = 0
    TERM = 1
    NEGATION = 2
    HEDGE = 3
    STOP = 4
    DEGREE = 5
    SIDE = 6
    TARGET = 7
    CONCLUSION = 8
    FEELING = 9


class Face(NamedTuple):
    """A phrase of the face layer: a part, a motion, an action, or (all empty) one to pass over."""

    part: str = ""
    motions: frozenset[str] = frozenset()
    action: str = ""
    is_absent: bool = False


Meaning = Face | str
_SHAPE_ROLES = {
    Shape.ADVERB: Role.FILLER | Role.ADVERB,
    Shape.PARTICIPLE: Role.PARTICIPLE,
    Shape.COMMA: Role.COMMA,
    Shape.BREAK: Role.BREAK,
    Shape.END: Role.BREAK,
    Shape.NEWLINE: Role.BREAK,
    Shape.MARK: Role.MARK | Role.FILLER,
    Shape.LABEL: Role.BREAK | Role.LABEL,
}
_MENTION_LAYERS = frozenset({Layer.FACE, Layer.TERM, Layer.FEELING})
_PUNCTUATION = {
    ",": Shape.COMMA,
    ".": Shape.END,
    "!": Shape.END,
    "?": Shape.END,
    "…": Shape.END,
    "。": Shape.END,
    ";": Shape.BREAK,
    ":": Shape.LABEL,
    "—": Shape.BREAK,
    "–": Shape.BREAK,
    "--": Shape.BREAK,
    "(": Shape.BREAK,
    ")": Shape.BREAK,
    "|": Shape.LABEL,
}


class Node:
    """A step of the phrase tree: what ends here (layer, meaning, number of words), and what may follow."""

    __slots__ = ("meanings", "next")

    def __init__(self) -> None:
        """Start with nothing."""
        self.meanings: list[tuple[int, Meaning, int]] = []
        self.next: dict[int, Node] = {}


@dataclass
class Vocabulary:
    """Words and phrases of one lexicon, for the documents of one spaCy vocabulary.

    Attributes:
        codes: spaCy's hash of a lower-case word to its code; classifies unknown words when first asked.
        roles: Role of each code, for codes of the lexicon and shapes.
        nodes: The phrases that begin with each code, or None.
        triggers: Codes with which an action or a term can begin; a sentence without them has no mention.
    """

    tokenizer: Tokenizer
    feeling_endings: tuple[str, ...]
    codes: "_Codes" = field(init=False)
    roles: list[int] = field(init=False)
    nodes: list[Node | None] = field(init=False)
    triggers: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Start with the shapes alone."""
        self.codes = _Codes(self.tokenizer.vocab, self.feeling_endings)
        self.roles = [_SHAPE_ROLES.get(shape, 0) for shape in Shape]
        self.nodes = [None for _ in Shape]

    def code(self, word: str) -> int:
        """Give the code of a word, a new one if the lexicon has not used it yet."""
        key = self.tokenizer.vocab.strings.add(word)
        code = self.codes.get(key)
        if code is None:
            if word in _PUNCTUATION:
                code = int(_PUNCTUATION[word])
            else:
                code = len(self.roles)
                self.roles.append(_role_by_ending(word))
                self.nodes.append(None)
            self.codes[key] = code
        return code

    def split(self, phrase: str) -> list[int]:
        """Give the codes of a phrase."""
        return [self.code(token.lower_) for token in self.tokenizer(phrase.lower())]

    def add(self, layer: Layer, phrases: Iterable[str], meaning: Meaning) -> None:
        """Let the phrases have a meaning in a layer; several meanings of a face word join."""
        for phrase in phrases:
            codes = self.split(phrase)
            node = self.nodes[codes[0]] or Node()
            self.nodes[codes[0]] = node
            for code in codes[1:]:
                node = node.next.setdefault(code, Node())
            _join(node.meanings, int(layer), meaning, len(codes))
            if layer in _MENTION_LAYERS:
                self.triggers.add(codes[0])

    def add_role(self, words: Iterable[str], role: int) -> None:
        """Give each word of the phrases a role."""
        for phrase in words:
            for code in self.split(phrase):
                if code >= FIRST_WORD:
                    self.roles[code] |= role


def _role_by_ending(word: str) -> int:
    if word.endswith("ing"):
        return Role.PARTICIPLE
    return Role.ADVERB if word.endswith("ly") and len(word) > 4 else 0


def compile_vocabulary(lexicon: Lexicon, tokenizer: Tokenizer) -> Vocabulary:
    """Compile all that the extraction needs from a lexicon."""
    rules = lexicon.term_rules
    vocabulary = Vocabulary(tokenizer, tuple(rules.feeling_endings))
    _add_face(vocabulary, lexicon)
    for entry in lexicon.terms.values():
        vocabulary.add(Layer.TERM, (entry.term, *entry.forms), entry.term)
    vocabulary.add(Layer.TERM, rules.ignore, "")
    vocabulary.add(Layer.FEELING, rules.feelings, "any")
    vocabulary.add(Layer.FEELING, rules.feelings_by_ending, "ending")
    vocabulary.add_role(rules.not_feelings, Role.NOT_FEELING)
    _add_cues(vocabulary, lexicon)
    return vocabulary


def _add_face(vocabulary: Vocabulary, lexicon: Lexicon) -> None:
    file = lexicon.actions
    vocabulary.add(Layer.FACE, file.ignore, Face())
    for part, words in file.parts.items():
        vocabulary.add(Layer.FACE, words, Face(part=part))
    for motion, words in file.motions.items():
        vocabulary.add(Layer.FACE, words, Face(motions=frozenset((motion,))))
    for action, entry in file.actions.items():
        vocabulary.add(Layer.FACE, entry.words, Face(action=action))
        vocabulary.add(Layer.FACE, entry.absent, Face(action=action, is_absent=True))


def _add_cues(vocabulary: Vocabulary, lexicon: Lexicon) -> None:
    cues = lexicon.assertions
    negation = cues.negation.model_dump()
    negation["verbal"] = cues.verbal_negations
    negation["forward"] = [cue for cue in cues.negation.forward if cue not in cues.verbal_negations]
    groups: Sequence[tuple[Layer, Mapping[str, list[str]]]] = (
        (Layer.NEGATION, negation),
        (Layer.HEDGE, cues.hedge.model_dump()),
        (Layer.STOP, {"stop": cues.stop}),
        (Layer.DEGREE, cues.degree.model_dump()),
        (Layer.SIDE, cues.side.model_dump()),
        (Layer.TARGET, cues.targets.model_dump()),
        (Layer.CONCLUSION, {"conclusion": cues.conclusions}),
    )
    for layer, phrases_of in groups:
        for meaning, phrases in phrases_of.items():
            vocabulary.add(layer, phrases, meaning)
    vocabulary.add_role(cues.fillers, Role.FILLER)
    vocabulary.add_role(cues.of, Role.OF)
    vocabulary.add_role(cues.and_, Role.AND)
    vocabulary.add_role(cues.copulas, Role.COPULA)
    vocabulary.add_role(cues.stop_after_comma, Role.STOP_AFTER_COMMA)
    vocabulary.add_role(cues.stop_after_noun, Role.STOP_AFTER_NOUN)
    vocabulary.add_role(cues.relatives, Role.RELATIVE)


def _join(meanings: list[tuple[int, Meaning, int]], layer: int, meaning: Meaning, length: int) -> None:
    for index, (known_layer, known, _) in enumerate(meanings):
        if known_layer != layer:
            continue
        if isinstance(known, Face) and isinstance(meaning, Face):
            joined = Face() if Face() in (known, meaning) else _join_faces(known, meaning)
            meanings[index] = (layer, joined, length)
        return
    meanings.append((layer, meaning, length))


def _join_faces(first: Face, second: Face) -> Face:
    return Face(
        first.part or second.part,
        first.motions | second.motions,
        first.action or second.action,
        first.is_absent or second.is_absent,
    )


class _Codes(dict[int, int]):
    """Codes by spaCy's hash; a word that is asked for the first time is put in a shape by its letters."""

    def __init__(self, vocab: Vocab, feeling_endings: tuple[str, ...]) -> None:
        super().__init__()
        self._strings = vocab.strings
        self._feeling_endings = feeling_endings

    def __missing__(self, key: int) -> int:
        code = self[key] = int(self._shape(self._strings[key]))
        return code

    def _shape(self, word: str) -> Shape:
        if word in _PUNCTUATION:
            return _PUNCTUATION[word]
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
        return Shape.FEELING if word.endswith(self._feeling_endings) else Shape.UNKNOWN
