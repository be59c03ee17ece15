"""One sentence into the mentions that it makes."""

from collections.abc import Sequence

from descan.extract.actions import ActionGrammar
from descan.extract.assertion import Scope, Scopes, degree, side, target
from descan.extract.clause import Clause, Match
from descan.extract.terms import TermFinder
from descan.extract.tokens import Words
from descan.extract.vocabulary import Vocabulary
from descan.lexicon import Lexicon
from descan.records import Mention

_NO_CODES: frozenset[int] = frozenset()


class SentenceParser:
    """Reads sentences; built once from a lexicon and its vocabulary."""

    def __init__(self, lexicon: Lexicon, vocabulary: Vocabulary) -> None:
        """Take from the lexicon what mentions need."""
        self._actions = ActionGrammar(lexicon)
        self._terms = TermFinder(lexicon)
        self._nouns = {"", *(term for term, entry in lexicon.terms.items() if entry.pos == "noun")}
        self._inventory = {
            action: (entry.region, entry.aus, frozenset(vocabulary.code(word) for word in entry.plain))
            for action, entry in lexicon.actions.actions.items()
        }

    def parse(self, clause: Clause, words: Words) -> list[Mention]:
        """Give the mentions of one sentence, in the order of their first token."""
        matches = self._actions.find(clause) if clause.face else []
        taken = {index for match in matches for index in range(match.anchor, match.anchor_end)}
        if clause.terms or clause.feelings:
            matches += self._terms.find(clause, taken)
        if not matches:
            return []
        matches.sort()
        read = _Reading(clause, words, matches)
        return [self._action(match, read) if match.is_action else self._term(match, read) for match in matches]

    def _action(self, match: Match, read: "_Reading") -> Mention:
        start, end, _, action, entry, anchor, anchor_end, is_absent = match
        clause, words = read.clause, read.words
        region, aus, plain = self._inventory[action]
        text = words.between(start, end)
        return Mention._make((
            "action", words.starts[start], words.ends[end - 1], text, entry, region, action, aus, "", "", "", None,
            text if is_absent else _cue(read.negations, anchor, words) if read.negations else "",
            _cue(read.hedges, anchor, words) if read.hedges else "",
            degree(clause, start, end, plain, read.starts) if clause.degrees else "",
            side(clause, start, end, anchor, anchor_end) if clause.sides else "",
            "person",
            anchor > read.conclusion,
        ))  # fmt: skip

    def _term(self, match: Match, read: "_Reading") -> Mention:
        start, end, _, lemma, entry, _, _, _ = match
        clause, words = read.clause, read.words
        text = words.between(start, end)
        return Mention._make((
            "emotion", words.starts[start], words.ends[end - 1], text, entry, "", "", "", lemma or text.lower(),
            "", "", None,
            _cue(read.negations, start, words) if read.negations else "",
            _cue(read.hedges, start, words) if read.hedges else "",
            degree(clause, start, end, _NO_CODES, read.starts) if clause.degrees else "",
            "",
            target(clause, start, end, is_noun=lemma in self._nouns) if clause.targets else "person",
            start > read.conclusion,
        ))  # fmt: skip


class _Reading:
    """What all mentions of a clause need.

    Attributes:
        clause: The sentence.
        words: The text.
        starts: First tokens of the mentions.
        negations: The reach of what negates.
        hedges: The reach of what hedges.
        conclusion: The token where the text announces its conclusion, else behind the sentence.
    """

    __slots__ = ("clause", "conclusion", "hedges", "negations", "starts", "words")

    def __init__(self, clause: Clause, words: Words, matches: Sequence[Match]) -> None:
        self.clause = clause
        self.words = words
        self.starts = {match.start for match in matches}
        self.negations: Sequence[Scope] = ()
        self.hedges: Sequence[Scope] = ()
        if clause.negations or clause.hedges:
            scopes = Scopes(clause, self.starts.union(match.anchor for match in matches))
            self.negations, self.hedges = scopes.negations, scopes.hedges
        self.conclusion = clause.conclusions[0][0] if clause.conclusions else clause.end


def _cue(scopes: Sequence[Scope], anchor: int, words: Words) -> str:
    """Give the words of the last cue that reaches the token, or nothing."""
    for (first, behind, _), start, end in reversed(scopes):
        if start <= anchor < end:
            return words.between(first, behind)
    return ""
