"""What is to ask: one question is a model, a mode and a repeat, to be put for every item."""

import random
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from descan.collect.providers.model_settings import ModelSettings
from descan.collect.questions.naming import choose_name, find_donors
from descan.collect.questions.prompts import Prompt
from descan.collect.run import CollectRun
from descan.collect.store.existing_answers import CorpusRecord, Recipe, State
from descan.records import Mode


@dataclass(frozen=True, slots=True)
class Question:
    """One mode and repeat of a model, for all items.

    Attributes:
        states: One byte an item: a `State`. Length: n_items.
        donors: Models of the corpus that were asked the very same.
    """

    prompt: Prompt
    repeat: int
    recipe: Recipe
    states: bytearray
    donors: tuple[str, ...] = ()

    @property
    def mode(self) -> Mode:
        """The mode."""
        return self.prompt.mode

    @property
    def n_left(self) -> int:
        """Items that it is to be put for."""
        return self.states.count(State.OPEN) + self.states.count(State.RETRYABLE)

    def is_open(self, row: int) -> bool:
        """Tell whether it is to be put for an item."""
        return self.states[row] in (State.OPEN, State.RETRYABLE)


@dataclass(frozen=True, slots=True)
class ModelTasks:
    """All that is to ask one model.

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
        """Give the items with something to ask, one at a time, in an order."""
        return (row for row in order if any(question.is_open(row) for question in self.questions))


def list_tasks(
    run: CollectRun, prompts: Mapping[Mode, Prompt], record: CorpusRecord, *, retries_failed: bool = False
) -> list[ModelTasks]:
    """Give what is left to ask each model of a run.

    Args:
        run: The run.
        prompts: Of its modes.
        record: What the corpus holds.
        retries_failed: Also ask again what failed for the item's own sake.
    """
    tasks = []
    for settings in run.models:
        params = settings.params_sha256(run.margin)
        recipes = {mode: Recipe(prompts[mode].sha256, params) for mode in run.modes}
        name = choose_name(record, settings.label, recipes)
        questions = [
            _question(record, name, prompts[mode], recipes[mode], repeat, retries_failed)
            for mode in run.modes
            for repeat in range(run.repeats)
        ]
        tasks.append(ModelTasks(settings, name, tuple(questions)))
    return tasks


def sending_order(n_items: int, seed: int) -> "array[int]":
    """Shuffle the items, so that whatever is done when a run ends early is a fair sample.

    Args:
        n_items: How many there are.
        seed: The same seed gives the same order.
    """
    order = array("I", range(n_items))
    random.Random(seed).shuffle(order)
    return order


def _question(
    record: CorpusRecord, name: str, prompt: Prompt, recipe: Recipe, repeat: int, retries_failed: bool
) -> Question:
    states = record.states(name, prompt.mode, repeat, recipe)
    if retries_failed:
        states = states.replace(bytes([State.FAILED]), bytes([State.RETRYABLE]))
    return Question(prompt, repeat, recipe, states, tuple(find_donors(record, name, prompt.mode, recipe)))
