"""What a single word does in a clause: bits of a plain int, since an enum's `&` costs more than all else."""

from typing import Final

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
OR: Final = 16384
NOUN: Final = 32768
"""Here begins a noun that a state can belong to."""
INNER: Final = 65536
"""Can stand between an adjective and its noun: in a term, a degree or a motion."""
STOP: Final = 131072
"""Here begins a phrase that ends the reach of a cue."""
HEDGE: Final = 262144
"""Here begins a hedge that reaches forward."""
PRESENCE: Final = 1048576
"""Says that something is there."""
ANSWER: Final = 2097152
"""Here begins what answers a question, or says that a heading is absent."""
IN_ANSWER: Final = 68719476736
"""Stands within such an answer of several words ("not that I can see")."""
WRITER: Final = 137438953472
"""Stands right behind what the writer feels ("this worries me")."""
COMMENT: Final = 4194304
"""Comments on the sentence that it begins."""
MEASURE: Final = 8388608
"""Names a measure where a number follows."""
NUMBER: Final = 16777216
PREPOSITION: Final = 33554432
WOULD: Final = 536870912
"""Says what would follow from a condition."""
THAN: Final = 268435456
"""Stands between two states that are compared."""
GRADE: Final = 1073741824
"""Says how high a measure is."""
OPENING: Final = 67108864
"""Opens a parenthesis."""
ASKS: Final = 134217728
"""Begins a question."""
TICK: Final = 2147483648
"""A box or mark that says of what stands beside it whether it is there."""
DEFINITE: Final = 4294967296
"""Points at what is in the picture, so that the sentence is no general remark."""
ATTITUDE: Final = 8589934592
"""Names an attitude towards what its "of" leads to."""
CASE: Final = 17179869184
"""Says what part a noun has in its clause, so that it is no bare item of a list."""
LINK: Final = 34359738368
"""Joins a clause that a verb ends to the one behind it."""
PART: Final = 524288
"""Here begins a part of the face."""
