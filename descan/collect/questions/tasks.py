"""What must be asked: a question is one model, mode and repeat, asked about every item."""

import random
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from descan.collect.providers.decisions import Decide, Way
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import Call
from descan.collect.questions.capabilities import choose_way
from descan.collect.questions.prompts import Prompt, load_judge_prompt, load_prompts
from descan.collect.run_settings import RunSettings
from descan.collect.sources.media_loading import LoadedMedia
from descan.collect.store.existing_answers import ExistingAnswers, Recipe, State
from descan.emotions import CategorySet
from descan.records import Mode

_N_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Question:
    """One mode and repeat of a model, for all items.

    Attributes:
        states: A `State` per item, one byte each. Length: n_items.
    """

    prompt: Prompt
    repeat: int
    recipe: Recipe
    states: bytearray

    @property
    def mode(self) -> Mode:
        """The mode."""
        return self.prompt.mode

    @property
    def n_left(self) -> int:
        """Items that it must be asked about."""
        return self.states.count(State.OPEN) + self.states.count(State.RETRYABLE)

    def call(self, media: LoadedMedia, stage: int) -> Call:
        """Return the request of a stage, from 0, about an item."""
        if self.prompt.questions is None:
            return media.call(self.prompt.stages[stage])
        decide = Decide(self.prompt.questions, Way(self.recipe.way))
        return Call(decide.message, media.parts, decide)

    def is_open(self, row: int) -> bool:
        """Return whether it must be asked about an item."""
        return self.states[row] in (State.OPEN, State.RETRYABLE)


@dataclass(frozen=True, slots=True)
class ModelTasks:
    """Everything that one model must be asked.

    Attributes:
        name: What the corpus calls it.
        questions: By mode and repeat, in the order of the run.
    """

    settings: ModelSettings
    name: str
    questions: tuple[Question, ...]

    @property
    def n_left(self) -> int:
        """Answers that are missing."""
        return sum(question.n_left for question in self.questions)

    def open_rows(self, order: Sequence[int]) -> Iterator[int]:
        """Yield the items with an open question, in the given order."""
        return (row for row in order if any(question.is_open(row) for question in self.questions))


def load_run_prompts(run: RunSettings, categories: CategorySet) -> dict[str, Prompt]:
    """Load the prompts of a run, by label.

    Raises:
        InputError: As `load_prompts` and `load_judge_prompt` do.
    """
    if run.texts:
        return load_judge_prompt(run.prompts.get(Mode.CLASSIFY), categories)
    return load_prompts(run.modes, run.prompts, categories, with_crop=run.crop, language=run.language)


def list_tasks(
    run: RunSettings, prompts: Mapping[str, Prompt], existing: ExistingAnswers, *, retries_failed: bool = False
) -> list[ModelTasks]:
    """List what each model of a run must be asked.

    Args:
        run: The run.
        prompts: Of its modes, by label.
        existing: What the corpus holds.
        retries_failed: Also ask again what failed because of the item.
    """
    tasks = []
    for settings in run.models:
        params = settings.params_sha256(run.margin)
        recipes = {
            label: Recipe(prompt.sha256, params, choose_way(settings) if prompt.questions else "")
            for label, prompt in prompts.items()
        }
        name = _choose_name(existing, settings.label, recipes)
        questions = [
            _make_question(existing, name, prompt, recipes[label], repeat, retries_failed)
            for label, prompt in prompts.items()
            for repeat in range(run.repeats)
        ]
        tasks.append(ModelTasks(settings, name, tuple(questions)))
    return tasks


def shuffle_items(n_items: int, seed: int) -> "array[int]":
    """Return the items in random order, so that a run that ends early leaves a fair sample.

    Args:
        n_items: How many there are.
        seed: The same seed gives the same order.
    """
    order = array("I", range(n_items))
    random.Random(seed).shuffle(order)
    return order


def _make_question(
    existing: ExistingAnswers, name: str, prompt: Prompt, recipe: Recipe, repeat: int, retries_failed: bool
) -> Question:
    states = existing.states(name, prompt.label, repeat, recipe)
    if retries_failed:
        states = states.replace(bytes([State.FAILED]), bytes([State.RETRYABLE]))
    return Question(prompt, repeat, recipe, states)


def _choose_name(existing: ExistingAnswers, label: str, recipes: Mapping[str, Recipe]) -> str:
    """Return the first name whose answers were asked for in the same way, or a new one.

    The names that are tried are the model's own, those that were made from it before, and `LABEL@` with the first six
    digits of the hash of parameters and prompts.
    """
    earlier = [name for name in existing.names() if name.startswith(f"{label}@")]
    new = f"{label}@{_variant(recipes)}"
    return next((name for name in (label, *earlier) if _fits(existing, name, recipes)), new)


def _fits(existing: ExistingAnswers, name: str, recipes: Mapping[str, Recipe]) -> bool:
    """Return whether a name holds no answers of another recipe.

    The parameters are those of all modes, since answers in two modes under one name are compared. Answers in other
    modes whose parameters are unknown, from other tools, do not contradict.
    """
    params = {recipe.params_sha256 for recipe in recipes.values()} | {""}
    for (other, label), series in existing.series.items():
        found = set(series.recipes)
        if other == name and not (
            found <= {recipes[label]} if label in recipes else {recipe.params_sha256 for recipe in found} <= params
        ):
            return False
    return True


def _variant(recipes: Mapping[str, Recipe]) -> str:
    lines = [f"{label} {' '.join(filter(None, recipe))}\n" for label, recipe in sorted(recipes.items())]
    return sha256("".join(lines).encode()).hexdigest()[:_N_DIGITS]
