"""What tokens and phrases can be, as small integers: the shapes of tokens, the layers and meanings of phrases."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final


class Shape(IntEnum):
    """Codes of tokens that the vocabulary does not have; its words have `FIRST_WORD` and higher ones."""

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
    QUESTION = 11
    NUMBER = 12
    OPENING = 13


FIRST_WORD: Final = len(Shape)

NO_NAME: Final = 0
"""The number of a term that the vocabulary does not have, and of words that are to be passed over."""


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
    ANSWER = 10
    WRITER = 11
    REMARK = 12


class Negation(IntEnum):
    """Which way a negation reaches."""

    PSEUDO = 0
    FORWARD = 1
    VERBAL = 2
    NEAR = 3
    BACKWARD = 4
    LISTING = 5
    CONDITION = 6
    COMPARISON = 7


class Hedge(IntEnum):
    """Which way a hedge reaches."""

    PSEUDO = 0
    FORWARD = 1
    BACKWARD = 2


class Degree(IntEnum):
    """How strong something is."""

    NONE = 0
    SLIGHT = 1
    STRONG = 2


class Side(IntEnum):
    """On which side something is; none is both or not said."""

    NONE = 0
    LEFT = 1
    RIGHT = 2


class Target(IntEnum):
    """What a state can be said of."""

    PERSON = 0
    PRONOUN = 1
    GENERAL = 2
    SCENE = 3
    PLACE = 4
    EITHER = 5
    THING = 6


class Feeling(IntEnum):
    """Which words after a phrase that announces feelings are feelings."""

    ANY = 0
    ENDING = 1


class Answer(IntEnum):
    """What a state says of its heading ("Smile: none"), or the answer to a question."""

    ABSENT = 0
    PRESENT = 1
    UNSURE = 2


class Remark(IntEnum):
    """What says nothing of this face: a general remark, by its opening or by a habit, or a list of choices."""

    OPENING = 0
    HABIT = 1
    CHOICES = 2


class Conclusion(IntEnum):
    """What a phrase says of the states behind it: that they are concluded, or only go with what is."""

    PSEUDO = 0
    MAIN = 1
    SECONDARY = 2


class Mark(IntEnum):
    """What a phrase means in a layer that tells nothing apart."""

    STOP = 0
    WRITER = 0


CUES: Final[Mapping[Layer, type[IntEnum]]] = {
    Layer.NEGATION: Negation,
    Layer.HEDGE: Hedge,
    Layer.DEGREE: Degree,
    Layer.SIDE: Side,
    Layer.TARGET: Target,
    Layer.FEELING: Feeling,
    Layer.ANSWER: Answer,
    Layer.REMARK: Remark,
    Layer.STOP: Mark,
    Layer.CONCLUSION: Conclusion,
    Layer.WRITER: Mark,
}
"""The meanings of each layer but face and term, whose meanings come from the lexicon; named as in the files."""
