"""What an answer is expected to use: by the corpus's own answers once there are enough, else by rules."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import sqrt
from typing import Literal

from descan.collect.providers.decisions import Decide, Way
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.questions.capabilities import (
    choose_way,
    expected_thinking,
    find_family,
    find_served,
    load_capabilities,
)
from descan.collect.questions.picture_tokens import Range
from descan.collect.questions.pricing import Tokens, estimate_cost
from descan.collect.questions.prompts import Prompt
from descan.collect.sources.media_loading import LoadedMedia, MediaLoader
from descan.collect.sources.source_items import SourceItem
from descan.collect.store.existing_answers import Amount, Usage
from descan.errors import SetupError
from descan.media.media_files import MediaError

MIN_OWN = 10
"""Answers that are needed before their mean replaces the rules."""

_N_SAMPLE = 12
"""Items whose media are looked at."""

_N_ERRORS = 2.0
"""Standard errors from a mean to the ends of its range."""

_CACHED_FROM = 1024
"""Tokens of a request from which a service writes to its cache."""

_WORDS_MARGIN = 0.25
"""By how much a prompt may have more or fewer tokens than its characters say."""

_OTHER_SCRIPTS = 0.5
"""Tokens that a character which is not ASCII has at least, about; at most it is one."""

_FRAME_TOKENS = 20
"""What a service may add to a request for itself."""

_UNSEEN_SIDE = 1024
"""Side in pixels of a picture where none of the sample can be loaded."""

Basis = Literal["answers", "rules"]


@dataclass(frozen=True, slots=True)
class Use:
    """Tokens, and what they cost.

    Attributes:
        output_tokens: With thinking.
        cost_usd: None where the price is unknown.
    """

    input_tokens: float
    output_tokens: float
    cost_usd: float | None

    def times(self, n: float) -> "Use":
        """Return what so many of them use."""
        cost = None if self.cost_usd is None else n * self.cost_usd
        return Use(n * self.input_tokens, n * self.output_tokens, cost)

    @classmethod
    def total(cls, uses: Iterable["Use"]) -> "Use":
        """Return the sum; a cost with an unknown part is unknown."""
        uses = list(uses)
        costs = [use.cost_usd for use in uses if use.cost_usd is not None]
        return cls(
            sum(use.input_tokens for use in uses),
            sum(use.output_tokens for use in uses),
            sum(costs) if len(costs) == len(uses) else None,
        )


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one answer is expected to use on average, in all its requests.

    Attributes:
        n_requests: 2 for an answer in two stages, though some need only one.
        low: The low end of the range.
        high: The high end.
        basis: The corpus's own answers, or rules.
    """

    n_requests: int
    low: Use
    high: Use
    basis: Basis

    @property
    def tokens_each(self) -> float:
        """Tokens of one request, in and out: the middle of the range."""
        ends = (self.low, self.high)
        return sum(use.input_tokens + use.output_tokens for use in ends) / len(ends) / self.n_requests


class Estimator:
    """Estimates what answers will use, from a sample of the run's media."""

    def __init__(self, items: Sequence[SourceItem], loader: MediaLoader, *, is_batch: bool = False) -> None:
        """Choose the items whose media are looked at.

        Args:
            items: All of the run.
            loader: Of the run.
            is_batch: Whether the price of batches applies.
        """
        step = max(1, len(items) // _N_SAMPLE)
        self._sample = items[::step][:_N_SAMPLE]
        self._loader = loader
        self._is_batch = is_batch
        self._media_tokens: dict[ModelSettings, Range] = {}

    def estimate(self, settings: ModelSettings, prompt: Prompt, usage: Usage | None, n_left: int = 1) -> Estimate:
        """Estimate what one answer will use.

        Args:
            settings: Of the model; where another one answers for it by now, what that one will use is estimated.
            prompt: What is asked.
            usage: Of this model's answers to this prompt in the corpus, if any.
            n_left: How many answers are still to ask: the mean of few varies more than that of many.
        """
        basis: Basis
        settings = find_served(settings, datetime.now(UTC).date())
        if usage is not None and usage.n_counted >= MIN_OWN:
            basis, n_cached = "answers", usage.cached_tokens / usage.n_counted
            n_in, n_out, n_thought = (
                _find_range(amount, usage.n_counted, n_left) for amount in (usage.input, usage.output, usage.thinking)
            )
        else:
            basis, n_cached = "rules", 0.0
            n_in, n_out, n_thought = self._apply_rules(settings, prompt)
        n_requests = len(prompt.stages)
        writes = _may_write_cache(settings, n_in.high / n_requests)
        low = self._price(settings, n_in.low, n_out.low, n_thought.low, n_cached=n_cached)
        high = self._price(settings, n_in.high, n_out.high, n_thought.high, n_written=n_in.high if writes else 0.0)
        return Estimate(n_requests, low, high, basis)

    def _price(
        self,
        settings: ModelSettings,
        n_in: float,
        n_out: float,
        n_thought: float,
        *,
        n_cached: float = 0.0,
        n_written: float = 0.0,
    ) -> Use:
        tokens = Tokens(round(n_in), round(n_out), round(n_thought), round(n_cached), round(n_written))
        return Use(n_in, n_out + n_thought, estimate_cost(settings, tokens, is_batch=self._is_batch))

    def _apply_rules(self, settings: ModelSettings, prompt: Prompt) -> tuple[Range, Range, Range]:
        """Return the tokens of an answer: of its input, of its text, and of thinking."""
        rules, n_requests = load_capabilities(), len(prompt.stages)
        if settings not in self._media_tokens:
            self._media_tokens[settings] = self._estimate_media_tokens(settings)
        media, answer, thinking = (
            self._media_tokens[settings],
            rules.answer.tokens[prompt.mode],
            expected_thinking(settings),
        )
        if prompt.questions and choose_way(settings) is Way.DECISIONS:
            answer, thinking = rules.answer.tokens[Way.DECISIONS], Range(0, 0)
        words = _count_characters(settings, prompt)
        words = Range(words.low / rules.characters_per_token, words.high / rules.characters_per_token)
        n_in = Range(
            (1 - _WORDS_MARGIN) * words.low + n_requests * media.low,
            (1 + _WORDS_MARGIN) * words.high + n_requests * (media.high + _FRAME_TOKENS),
        )
        most = n_requests * settings.max_tokens if settings.max_tokens is not None else float("inf")
        n_out = Range(min(answer.low, most), min(answer.high, most))
        # The limit holds for thinking and text together.
        n_thought = Range(n_requests * thinking.low, min(n_requests * thinking.high, max(0.0, most - n_out.high)))
        return n_in, n_out, Range(min(n_thought), n_thought.high)

    def _estimate_media_tokens(self, settings: ModelSettings) -> Range:
        counts = []
        for item in self._sample:
            try:
                media = self._loader.load(item, settings)
            except (MediaError, SetupError):
                continue  # It is reported when its turn comes.
            counts.append(_count_media(media, settings))
        if not counts:
            rule = load_capabilities().pictures[find_family(settings).pictures]
            counts = [rule.count(_UNSEEN_SIDE, _UNSEEN_SIDE, settings)]
        return Range(*(sum(ends) / len(counts) for ends in zip(*counts, strict=True)))


def _may_write_cache(settings: ModelSettings, n_tokens: float) -> bool:
    """Return whether input of so many tokens a request may cost more because it is written to a cache."""
    if settings.price_in is not None:
        return settings.price_cache_write is not None and settings.price_cache_write > settings.price_in
    return find_family(settings).writes_cache and n_tokens >= _CACHED_FROM


def _count_characters(settings: ModelSettings, prompt: Prompt) -> Range:
    """Return the characters of the requests for an answer; whether a schema is counted is not known."""
    n_requests = len(prompt.stages)
    n = sum(map(len, prompt.stages)) + n_requests * len(settings.system or "")
    if prompt.questions is None or (way := choose_way(settings)) is Way.DECISIONS:
        return Range(n, n)
    return Range(n, n + len(json.dumps(Decide(prompt.questions, way).schema)))


def _count_media(media: LoadedMedia, settings: ModelSettings) -> Range:
    from descan.media.pictures import picture_size

    rules, family = load_capabilities(), find_family(settings)
    if media.text is not None:
        n_ascii = len(media.text.encode("ascii", "ignore"))
        words, n_others = n_ascii / rules.characters_per_token, len(media.text) - n_ascii
        # A character of another script may be a token by itself.
        return Range((1 - _WORDS_MARGIN) * words + _OTHER_SCRIPTS * n_others, (1 + _WORDS_MARGIN) * words + n_others)
    if media.seconds is not None and family.clips:
        return rules.clips[family.clips].count(media.seconds, settings)
    counts = [rules.pictures[family.pictures].count(*picture_size(part), settings) for part in media.parts]
    return Range(sum(count.low for count in counts), sum(count.high for count in counts))


def _find_range(amount: Amount, n_counted: int, n_left: int) -> Range:
    """Return where the mean of the answers that are left will most likely be, from those that are there."""
    error = sqrt(amount.variance(n_counted) * (1 / n_counted + 1 / max(1, n_left)))
    mean = amount.total / n_counted
    return Range(max(0.0, mean - _N_ERRORS * error), mean + _N_ERRORS * error)
