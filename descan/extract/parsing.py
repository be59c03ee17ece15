"""One sentence's codes into the mentions that it makes: a function of nothing but the codes."""

from collections.abc import Sequence
from typing import NamedTuple

from spacy.tokenizer import Tokenizer

from descan.extract.actions import ActionGrammar, ActionMatch
from descan.extract.assertion import Scopes, degree, governing, side, target
from descan.extract.clause import Clause, Phrase, scan
from descan.extract.terms import TermFinder, TermMatch
from descan.extract.vocabulary import Layer, Vocabulary, compile_vocabulary
from descan.lexicon import Lexicon


class Draft(NamedTuple):
    """A mention before it meets its text: token offsets within the sentence, and what is said of it.

    Attributes:
        name: The action, or the lemma of the term (empty for a word the lexicon does not have).
        entry: The lexicon entry or rule that made it.
        negation_cue: Tokens of the cue that negates it, or None.
        hedge_cue: Tokens of the cue that hedges it, or None.
    """

    start: int
    end: int
    is_action: bool
    name: str
    entry: str
    negation_cue: tuple[int, int] | None
    hedge_cue: tuple[int, int] | None
    degree: str
    side: str
    target: str
    is_conclusion: bool


class SentenceParser:
    """Reads sentences given as codes; built once from a lexicon and a tokenizer."""

    def __init__(self, lexicon: Lexicon, tokenizer: Tokenizer) -> None:
        """Compile the lexicon."""
        self.vocabulary: Vocabulary = compile_vocabulary(lexicon, tokenizer)
        self._actions = ActionGrammar(lexicon)
        self._terms = TermFinder(lexicon)
        self._nouns = frozenset(term for term, entry in lexicon.terms.items() if entry.pos == "noun")
        self._or = frozenset(self.vocabulary.code(word) for word in lexicon.assertions.alternatives)
        self._plain = {
            action: frozenset(self.vocabulary.code(word) for word in entry.plain)
            for action, entry in lexicon.actions.actions.items()
        }

    def parse(self, codes: Sequence[int]) -> Sequence[Draft]:
        """Give the mentions of one sentence, in the order of their first token."""
        if self.vocabulary.triggers.isdisjoint(codes):
            return ()
        clause = scan(codes, self.vocabulary)
        if not clause.face and not clause.layers[Layer.TERM] and not clause.layers[Layer.FEELING]:
            return ()
        actions = self._actions.find(clause)
        taken = frozenset(index for match in actions for index in range(match.motion_start, match.motion_end))
        terms = self._terms.find(clause, taken)
        if not actions and not terms:
            return ()
        starts = frozenset((*(match.start for match in actions), *(match.start for match in terms)))
        anchors = frozenset((*starts, *(match.motion_start for match in actions)))
        scopes = Scopes(clause, self._or, anchors)
        conclusion = min((phrase.start for phrase in clause.layers[Layer.CONCLUSION]), default=len(codes))
        drafts = [self._action(clause, match, scopes, starts, conclusion) for match in actions]
        drafts += [self._term(clause, match, scopes, starts, conclusion) for match in terms]
        drafts.sort()
        return drafts

    def _action(
        self, clause: Clause, match: ActionMatch, scopes: Scopes, starts: frozenset[int], conclusion: int
    ) -> Draft:
        anchor = match.motion_start
        return Draft(
            match.start,
            match.end,
            True,
            match.action,
            match.entry,
            (match.start, match.end) if match.is_absent else _tokens(governing(scopes.negations, anchor)),
            _tokens(governing(scopes.hedges, anchor)),
            degree(clause, match.start, match.end, self._plain[match.action], starts),
            side(clause, match.start, match.end, match.motion_start, match.motion_end),
            "person",
            anchor > conclusion,
        )

    def _term(self, clause: Clause, match: TermMatch, scopes: Scopes, starts: frozenset[int], conclusion: int) -> Draft:
        return Draft(
            match.start,
            match.end,
            False,
            match.lemma,
            match.entry,
            _tokens(governing(scopes.negations, match.start)),
            _tokens(governing(scopes.hedges, match.start)),
            degree(clause, match.start, match.end, frozenset(), starts),
            "",
            target(clause, match.start, match.end, is_noun=not match.lemma or match.lemma in self._nouns),
            match.start > conclusion,
        )


def _tokens(cue: Phrase | None) -> tuple[int, int] | None:
    return None if cue is None else (cue.start, cue.end)
