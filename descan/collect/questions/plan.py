"""What a run will do: answers done and missing, requests, tokens, cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from descan.collect.questions.capabilities import list_remarks
from descan.collect.questions.estimates import Basis, Estimate, Estimator, Use
from descan.collect.questions.prompts import Prompt
from descan.collect.questions.tasks import ModelTasks
from descan.collect.store.existing_answers import ExistingAnswers, State
from descan.records import Mode


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
        low: The low end of what that will use.
        high: The high end.
        bases: What the estimates are based on.
        estimates: By label of the prompt: what one answer is expected to use.
        remarks: What the user should know about the model and its settings.
    """

    name: str
    label: str
    n_answers: int
    n_copied: int
    n_failed: int
    n_pending: int
    n_left: int
    n_requests: int
    low: Use
    high: Use
    bases: frozenset[Basis]
    estimates: Mapping[str, Estimate]
    remarks: tuple[str, ...] = ()

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
        is_of_texts: Whether the items are texts to judge.
    """

    n_items: int
    n_groups: int
    prompts: tuple[str, ...]
    """Their labels."""

    n_repeats: int
    models: tuple[ModelPlan, ...]
    spent_usd: float
    is_of_texts: bool = False

    @property
    def modes(self) -> tuple[Mode, ...]:
        """The modes of the prompts."""
        return tuple(dict.fromkeys(Mode(label.partition(":")[0]) for label in self.prompts))

    @property
    def n_left(self) -> int:
        """Answers still to ask."""
        return sum(model.n_left for model in self.models)


def make_plan(
    tasks: Sequence[ModelTasks],
    prompts: Mapping[str, Prompt],
    existing: ExistingAnswers,
    estimator: Estimator,
    n_copied: Mapping[str, int],
    n_groups: int,
    *,
    is_of_texts: bool = False,
) -> Plan:
    """Count what is left and estimate what it takes.

    Args:
        tasks: What must be asked.
        prompts: Of the run's modes, by label.
        existing: What the corpus holds.
        estimator: Of the run.
        n_copied: By name of the model: answers just copied.
        n_groups: Groups of the items.
        is_of_texts: Whether the items are texts to judge.
    """
    first = tasks[0].questions
    return Plan(
        n_items=len(first[0].states),
        n_groups=n_groups,
        prompts=tuple(prompts),
        n_repeats=len(first) // len(prompts),
        models=tuple(_plan_model(model, prompts, existing, estimator, n_copied.get(model.name, 0)) for model in tasks),
        spent_usd=existing.cost_usd,
        is_of_texts=is_of_texts,
    )


def _plan_model(
    model: ModelTasks,
    prompts: Mapping[str, Prompt],
    existing: ExistingAnswers,
    estimator: Estimator,
    n_copied: int,
) -> ModelPlan:
    left = {label: sum(q.n_left for q in model.questions if q.prompt.label == label) for label in prompts}
    estimates = {}
    for label, prompt in prompts.items():
        series = existing.series.get((model.name, label))
        estimates[label] = estimator.estimate(model.settings, prompt, series.usage if series else None, left[label])
    open_prompts = [(left[label], estimates[label]) for label in prompts if left[label]]
    return ModelPlan(
        name=model.name,
        label=model.settings.label,
        n_answers=sum(len(question.states) for question in model.questions),
        n_copied=n_copied,
        n_failed=sum(question.states.count(State.FAILED) for question in model.questions),
        n_pending=sum(question.states.count(State.PENDING) for question in model.questions),
        n_left=model.n_left,
        n_requests=sum(n * estimate.n_requests for n, estimate in open_prompts),
        low=Use.total(estimate.low.times(n) for n, estimate in open_prompts),
        high=Use.total(estimate.high.times(n) for n, estimate in open_prompts),
        bases=frozenset(estimate.basis for _, estimate in open_prompts),
        estimates=estimates,
        remarks=tuple(list_remarks(model.settings, datetime.now(UTC).date())),
    )
