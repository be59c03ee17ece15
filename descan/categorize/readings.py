"""A description's mentions into its reading: what it says as a whole.

Every asserted mention of the person gives weight to categories: an emotion term to its own, a facial action to those
that its AUs go with. Hedged mentions weigh less, negated ones nothing, a conclusion more. The weights are fitted on
annotated descriptions (docs/quality.md has the table with each of them left out).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from descan.categorize.evidence import action_evidence
from descan.emotions import OTHER, UNDECIDED, VALENCE, Emotion
from descan.lexicon import Lexicon
from descan.records import Extraction, Mention, Reading

_INDEX = {str(emotion): index for index, emotion in enumerate(Emotion)}
_VALENCES = np.array([VALENCE[emotion] for emotion in Emotion])
_NAMES = tuple(str(emotion) for emotion in Emotion)


@dataclass(frozen=True, slots=True)
class ReadingWeights:
    """How much a mention counts.

    Attributes:
        term: An emotion term of one of the seven.
        action: A facial action.
        other: A lexicon term of category Other, counted for Neutral where it is neither pleasant nor unpleasant.
        hedged: Factor where the text is unsure.
        scene: Factor of a term that belongs to the scene.
        slight: Factor of a slight degree.
        strong: Factor of a strong degree.
        conclusion: Factor in what the text calls its conclusion.
        minimum: Least total evidence for a category; below it the reading is Undecided.
    """

    term: float = 1.0
    action: float = 0.4
    other: float = 0.25
    hedged: float = 0.7
    scene: float = 0.1
    slight: float = 0.6
    strong: float = 1.2
    conclusion: float = 1.5
    minimum: float = 0.15


class Reader:
    """Reads extractions; built once from a lexicon."""

    def __init__(self, lexicon: Lexicon, weights: ReadingWeights | None = None) -> None:
        """Prepare the evidence of every action."""
        self._lexicon = lexicon
        self._weights = weights or ReadingWeights()
        self._actions = {
            action: [(index, float(share)) for index, share in enumerate(shares) if share > 0]
            for action, shares in action_evidence(lexicon).items()
        }

    def read(self, extraction: Extraction) -> Reading:
        """Weigh the categorized mentions of one description."""
        by_actions, by_terms, valence = self._weighed(extraction.mentions)
        both = _added(by_actions, by_terms)
        total = sum(both)
        mentions = extraction.mentions
        actions = [mention for mention in mentions if mention.kind == "action"]
        described = self._top(both)
        return Reading(
            described=described,
            scores=tuple(round(score / total, 6) if total else 0.0 for score in both),
            valence=round(valence, 6),
            actions_described=self._top(by_actions),
            terms_described=self._top(by_terms),
            actions_share=round(sum(by_actions) / total, 6) if total else 0.0,
            terms_share=round(sum(by_terms) / total, 6) if total else 0.0,
            n_words=extraction.n_words,
            n_actions=len(actions),
            n_regions=len({mention.region for mention in actions}),
            n_emotions=len(mentions) - len(actions),
            n_hedged=sum(mention.hedged for mention in mentions),
            n_negated=sum(mention.negated for mention in mentions),
            described_without_embedding=self._described_by_lexicon(mentions, described),
            refused=extraction.refused,
            named=extraction.named,
        )

    def _described_by_lexicon(self, mentions: Sequence[Mention], described: str) -> str:
        """Give what the mentions say without the terms that the embedder categorized."""
        by_lexicon = [mention for mention in mentions if mention.category_source != "embedding"]
        if len(by_lexicon) == len(mentions):
            return described
        by_actions, by_terms, _ = self._weighed(by_lexicon)
        return self._top(_added(by_actions, by_terms))

    def _weighed(self, mentions: Iterable[Mention]) -> tuple[list[float], list[float], float]:
        """Give each category's evidence from actions and from terms, and the valence."""
        weights = self._weights
        by_actions = [0.0] * len(_NAMES)
        by_terms = [0.0] * len(_NAMES)
        valence = total = 0.0
        for mention in mentions:
            if mention.negation_cue:
                continue
            weight = self._factor(mention)
            if mention.kind == "action":
                weight *= weights.action
                for index, share in self._actions[mention.action]:
                    by_actions[index] += weight * share
                    valence += weight * share * _VALENCES[index]
                    total += weight * share
                continue
            pleasantness = self._valence(mention)
            if mention.category != OTHER:
                weight *= weights.term
                by_terms[_INDEX[mention.category]] += weight
            elif mention.term in self._lexicon.terms:
                weight *= weights.other
                if abs(pleasantness) <= NEITHER:
                    by_terms[_INDEX[Emotion.NEUTRAL]] += weight
            else:
                continue
            valence += weight * pleasantness
            total += weight
        return by_actions, by_terms, valence / total if total else 0.0

    def _factor(self, mention: Mention) -> float:
        weights = self._weights
        factor = 1.0
        if mention.hedge_cue:
            factor *= weights.hedged
        if mention.target == "scene":
            factor *= weights.scene
        if mention.is_conclusion:
            factor *= weights.conclusion
        if mention.degree:
            factor *= weights.slight if mention.degree == "slight" else weights.strong
        return factor

    def _valence(self, mention: Mention) -> float:
        if mention.term in self._lexicon.terms:
            return self._lexicon.valence(mention.term)
        return VALENCE.get(mention.category, 0.0)

    def _top(self, scores: Sequence[float]) -> str:
        """Give the category with most evidence; Undecided below the minimum or where two have the same."""
        best = max(scores)
        if best < self._weights.minimum:
            return UNDECIDED
        leaders = [name for name, score in zip(_NAMES, scores, strict=True) if best - score < 1e-9]
        return leaders[0] if len(leaders) == 1 else UNDECIDED


def _added(first: Sequence[float], second: Sequence[float]) -> list[float]:
    return [one + other for one, other in zip(first, second, strict=True)]


NEITHER = 0.35
"""An Other term nearer to 0 than this speaks for a composed, neutral face ("focused", "thoughtful")."""
