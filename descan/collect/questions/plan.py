"""What a run will do: answers done and missing, requests, tokens, cost."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import ceil
from typing import Literal

from pydantic import BaseModel, ConfigDict

from descan.collect.providers.model_settings import ModelSettings, ProviderName
from descan.collect.questions.pricing import estimate_cost
from descan.collect.questions.prompts import Prompt
from descan.collect.questions.tasks import ModelTasks
from descan.collect.sources.media_loading import MediaLoader
from descan.collect.sources.source_items import SourceItem
from descan.collect.store.existing_answers import ExistingAnswers, State, Usage
from descan.errors import SetupError
from descan.media.media_files import MediaError, Part
from descan.records import Mode

MIN_OWN = 5
"""Answers that are needed before their mean replaces the rules."""

_N_SAMPLE = 12
"""Items whose media are looked at."""

Basis = Literal["answers", "rules"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one answer is expected to use.

    Attributes:
        n_requests: 2 for an answer in two stages, though some need only one.
        input_tokens: Of all its requests.
        output_tokens: Of all its requests, with thinking.
        cost_usd: None where the price is unknown.
        basis: The corpus's own answers, or rules.
    """

    n_requests: int
    input_tokens: float
    output_tokens: float
    cost_usd: float | None
    basis: Basis

    @property
    def tokens_each(self) -> float:
        """Tokens of one request, in and out."""
        return (self.input_tokens + self.output_tokens) / self.n_requests


class _Rules(BaseModel):
    """Tokens of a picture: a base, and those of its tiles after scaling down."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base: int
    tile: int
    tile_side: int
    small_side: int
    small: int
    fit_side: int | None = None
    short_side: int | None = None
    video: int = 0
    thinking: int = 0

    def picture_tokens(self, width: float, height: float, detail: str | None) -> int:
        """Return the tokens of a picture of this size in pixels."""
        if detail == "low" or max(width, height) <= self.small_side:
            return self.small
        scale = min(1.0, self.fit_side / max(width, height)) if self.fit_side else 1.0
        if self.short_side:
            scale = min(scale, self.short_side / min(width, height))
        return self.base + self.tile * ceil(width * scale / self.tile_side) * ceil(height * scale / self.tile_side)


class _RuleFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    characters_per_token: float
    answer: Mapping[Mode, int]
    providers: Mapping[ProviderName, _Rules]


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
        self._media_tokens: dict[ModelSettings, float] = {}

    def estimate(self, settings: ModelSettings, prompt: Prompt, usage: Usage | None) -> Estimate:
        """Estimate what one answer will use.

        Args:
            settings: Of the model.
            prompt: What is asked.
            usage: Of this model's answers to this prompt in the corpus, if any.
        """
        basis: Basis
        if usage is not None and usage.n_counted >= MIN_OWN:
            basis, n_in, n_out = "answers", usage.input_tokens / usage.n_counted, usage.output_tokens / usage.n_counted
        else:
            basis, (n_in, n_out) = "rules", self._apply_rules(settings, prompt)
        cost = estimate_cost(settings, round(n_in), round(n_out), is_batch=self._is_batch)
        return Estimate(len(prompt.stages), n_in, n_out, cost, basis)

    def _apply_rules(self, settings: ModelSettings, prompt: Prompt) -> tuple[float, float]:
        """Return the tokens of an answer, in and out."""
        rules, n_requests = _load_rules(), len(prompt.stages)
        if settings not in self._media_tokens:
            self._media_tokens[settings] = self._estimate_media_tokens(settings, rules)
        words = sum(map(len, prompt.stages)) / rules.characters_per_token
        budget = (
            settings.thinking if isinstance(settings.thinking, int) else rules.providers[settings.provider].thinking
        )
        output = rules.answer[prompt.mode] + n_requests * max(0, budget)
        if settings.max_tokens is not None:
            output = min(output, n_requests * settings.max_tokens)
        return words + n_requests * self._media_tokens[settings], output

    def _estimate_media_tokens(self, settings: ModelSettings, rules: _RuleFile) -> float:
        model_rules = rules.providers[settings.provider]
        counts = []
        for item in self._sample:
            try:
                media = self._loader.load(item, settings, model_rules.video > 0)
            except (MediaError, SetupError):
                continue  # It is reported when its turn comes.
            counts.append(sum(_count_part_tokens(part, settings, model_rules) for part in media.parts))
        return sum(counts) / len(counts) if counts else model_rules.base + model_rules.tile


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """What will be done for one model.

    Attributes:
        name: What the corpus calls it.
        label: What the run calls it; differs from `name` if that was asked in another way.
        n_answers: All that the run wants: items x modes x repeats.
        n_copied: Of those, answers copied from another name in this run.
        n_failed: Of those, failed because of the item; not asked again.
        n_pending: Of those, in a batch that is not over.
        n_left: Of those, still to ask.
        n_requests: Requests for that, at most.
        cost_usd: None where the price is unknown.
        bases: What the estimates are based on.
        estimates: By mode: what one answer is expected to use.
    """

    name: str
    label: str
    n_answers: int
    n_copied: int
    n_failed: int
    n_pending: int
    n_left: int
    n_requests: int
    input_tokens: float
    output_tokens: float
    cost_usd: float | None
    bases: frozenset[Basis]
    estimates: Mapping[Mode, Estimate]

    @property
    def n_done(self) -> int:
        """Answers that the corpus holds."""
        return self.n_answers - self.n_left - self.n_failed - self.n_pending


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be done.

    Attributes:
        n_groups: Groups of the items; an item without one counts as a group.
        spent_usd: What the corpus has cost so far, as far as prices are known.
    """

    n_items: int
    n_groups: int
    modes: tuple[Mode, ...]
    n_repeats: int
    models: tuple[ModelPlan, ...]
    spent_usd: float

    @property
    def n_left(self) -> int:
        """Answers still to ask."""
        return sum(model.n_left for model in self.models)


def make_plan(
    tasks: Sequence[ModelTasks],
    prompts: Mapping[Mode, Prompt],
    existing: ExistingAnswers,
    estimator: Estimator,
    n_copied: Mapping[str, int],
    n_groups: int,
) -> Plan:
    """Count what is left and estimate what it takes.

    Args:
        tasks: What must be asked.
        prompts: Of the run's modes.
        existing: What the corpus holds.
        estimator: Of the run.
        n_copied: By name of the model: answers just copied.
        n_groups: Groups of the items.
    """
    first = tasks[0].questions
    return Plan(
        n_items=len(first[0].states),
        n_groups=n_groups,
        modes=tuple(prompts),
        n_repeats=len(first) // len(prompts),
        models=tuple(_plan_model(model, prompts, existing, estimator, n_copied.get(model.name, 0)) for model in tasks),
        spent_usd=existing.cost_usd,
    )


def _plan_model(
    model: ModelTasks,
    prompts: Mapping[Mode, Prompt],
    existing: ExistingAnswers,
    estimator: Estimator,
    n_copied: int,
) -> ModelPlan:
    left = {mode: sum(q.n_left for q in model.questions if q.mode is mode) for mode in prompts}
    estimates = {}
    for mode, prompt in prompts.items():
        series = existing.series.get((model.name, mode))
        estimates[mode] = estimator.estimate(model.settings, prompt, series.usage if series else None)
    open_modes = [(left[mode], estimates[mode]) for mode in prompts if left[mode]]
    is_priced = all(estimate.cost_usd is not None for _, estimate in open_modes)
    return ModelPlan(
        name=model.name,
        label=model.settings.label,
        n_answers=sum(len(question.states) for question in model.questions),
        n_copied=n_copied,
        n_failed=sum(question.states.count(State.FAILED) for question in model.questions),
        n_pending=sum(question.states.count(State.PENDING) for question in model.questions),
        n_left=model.n_left,
        n_requests=sum(n * estimate.n_requests for n, estimate in open_modes),
        input_tokens=sum(n * estimate.input_tokens for n, estimate in open_modes),
        output_tokens=sum(n * estimate.output_tokens for n, estimate in open_modes),
        cost_usd=sum(n * (estimate.cost_usd or 0.0) for n, estimate in open_modes) if is_priced else None,
        bases=frozenset(estimate.basis for _, estimate in open_modes),
        estimates=estimates,
    )


def _count_part_tokens(part: Part, settings: ModelSettings, rules: _Rules) -> int:
    if part.mime_type.startswith("video/"):
        return rules.video
    from descan.media.pictures import picture_size

    return rules.picture_tokens(*picture_size(part), settings.detail)


@cache
def _load_rules() -> _RuleFile:
    text = (files("descan.collect.questions") / "token_rules.toml").read_text(encoding="utf-8")
    return _RuleFile.model_validate(tomllib.loads(text))
