"""What the parser found, made into records."""

from collections.abc import Sequence

from descan.extract.clause import IntArray
from descan.extract.grammar import UNLISTED, Names
from descan.extract.meanings import Degree, Feeling, Side, words_of
from descan.lexicon import Lexicon
from descan.records import Mention

_DEGREES = words_of(Degree)
_SIDES = words_of(Side)
_FEELING_ENTRIES = tuple(f"feeling:{word}" for word in words_of(Feeling))
_TARGETS = ("person", "scene")


class MentionMaker:
    """Makes mentions of rows of numbers; built once from a lexicon."""

    def __init__(self, lexicon: Lexicon, names: Names) -> None:
        """Remember what the numbers stand for."""
        entries = lexicon.actions.actions
        self._actions = [(entries[action].region, action, entries[action].aus) for action in names.actions]
        self._action_entries = names.action_entries
        self._terms = names.terms
        self._term_entries = [f"term:{term}" for term in names.terms]

    def make(self, rows: IntArray, texts: Sequence[str]) -> list[Mention]:
        """Give the mentions.

        Args:
            rows: As the parser gives them. Shape: (N_ROWS, n_mentions).
            texts: Those that were parsed.
        """
        return [
            self._action(texts[row[0]], row) if row[1] else self._term(texts[row[0]], row)
            for row in zip(*rows.tolist(), strict=True)
        ]

    def _action(self, text: str, row: tuple[int, ...]) -> Mention:
        _, _, name, entry, start, end, negated, negated_end, hedged, hedged_end, degree, side, _, conclusion = row
        region, action, aus = self._actions[name]
        return Mention._make((
            "action", start, end, text[start:end], self._action_entries[entry], region, action, aus, "", "", "", None,
            text[negated:negated_end], text[hedged:hedged_end], _DEGREES[degree], _SIDES[side], "person",
            conclusion == 1,
        ))  # fmt: skip

    def _term(self, text: str, row: tuple[int, ...]) -> Mention:
        _, _, name, entry, start, end, negated, negated_end, hedged, hedged_end, degree, _, scene, conclusion = row
        words = text[start:end]
        is_listed = name != UNLISTED
        return Mention._make((
            "emotion", start, end, words, self._term_entries[name] if is_listed else _FEELING_ENTRIES[entry],
            "", "", "", self._terms[name] if is_listed else words.lower(), "", "", None,
            text[negated:negated_end], text[hedged:hedged_end], _DEGREES[degree], "", _TARGETS[scene],
            conclusion == 1,
        ))  # fmt: skip
