"""Ask one question in one stage or in two, where the second depends on the reply to the first."""

import re
import tomllib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path

from descan.collect.asking.answer_lines import ItemQuestion, add_up, base_cells, make_line
from descan.collect.asking.retrying import Outcome
from descan.collect.providers.protocol import Call
from descan.collect.questions.tasks import ModelTasks, Question
from descan.collect.sources.media_loading import LoadedMedia
from descan.collect.store.answers_file import Kind, Line, QuestionKey, question_key
from descan.collect.store.existing_answers import label_prompt
from descan.corpus.formats import ColumnNames, stream_rows
from descan.records import Status

Ask = Callable[[Call], Awaitable[Outcome]]
"""Sends one call to the model, with retries."""

Save = Callable[[Kind, Mapping[str, object], tuple[bytes, ...]], Awaitable[None]]
"""Writes a line to the disk."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_SUMMED = (
    *("attempts", "retries", "latency_s", "waited_s", "cost_usd"),
    *("input_tokens", "output_tokens", "thinking_tokens", "cached_tokens", "cache_write_tokens"),
)


async def ask_question(
    asked: ItemQuestion, media: LoadedMedia, ask: Ask, save: Save, first_stage: Mapping[str, object] | None = None
) -> Line:
    """Ask, in one stage or in two, and return the line with the result.

    The reply to the first of two stages is on the disk before the second is asked. If it says neutral, the answer is
    the neutral category; if it says neither, it is the answer itself.

    Args:
        asked: Who is asked what.
        media: Of the item.
        ask: Sends a call.
        save: Writes a line to the disk.
        first_stage: The line of the first stage, if an earlier run has saved it.
    """
    stages = asked.question.prompt.stages
    base = base_cells(asked, media)
    if first_stage is None or len(stages) == 1:
        line = make_line(base, asked.settings, await ask(asked.question.call(media, 0)))
        if len(stages) == 1 or line.kind is Kind.FAILURE or line.cells["status"] != Status.OK:
            return line
        text = str(line.cells["text"])
        is_neutral = _says_neutral(text)
        if is_neutral is not False:
            answer = asked.question.prompt.neutral if is_neutral else text
            return replace(line, cells={**line.cells, "text": answer, "stage_texts": [text]})
        await save(Kind.STAGE, line.cells, line.bodies)
        first_stage = line.cells
    second = make_line(base, asked.settings, await ask(asked.question.call(media, 1)))
    return second if second.kind is Kind.FAILURE else replace(second, cells=_combine(first_stage, second.cells))


class FirstStages:
    """The first stages that an earlier run saved, of answers whose second stage is missing."""

    def __init__(self, folder: Path, tasks: Sequence[ModelTasks], item_ids: Sequence[str]) -> None:
        """Load those that are still needed.

        Args:
            folder: The corpus, whose files must have been repaired.
            tasks: What must be asked.
            item_ids: The items of the run.
        """
        rows = {item_id: row for row, item_id in enumerate(item_ids)}
        questions: dict[tuple[object, str, object], Question] = {
            (model.name, question.prompt.label, question.repeat): question
            for model in tasks
            for question in model.questions
        }
        path = folder / Kind.STAGE
        self._lines: dict[QuestionKey, Mapping[str, object]] = {}
        for line in stream_rows(path, ColumnNames()) if path.is_file() else ():
            cells = line.cells
            label = label_prompt(str(cells.get("mode")), str(cells.get("prompt") or ""))
            question = questions.get((cells.get("model"), label, cells.get("repeat")))
            row = rows.get(str(cells.get("item_id")))
            if question is not None and row is not None and question.is_open(row):
                self._lines[question_key(cells)] = cells

    def find(self, asked: ItemQuestion, media: LoadedMedia) -> Mapping[str, object] | None:
        """Return the line of a first stage that was asked in exactly the same way, or None."""
        cells = self._lines.get(question_key(asked.key()))
        recipe = asked.question.recipe
        wanted = (media.media_sha256, recipe.prompt_sha256, recipe.params_sha256)
        found = cells and tuple(cells.get(name) for name in ("media_sha256", "prompt_sha256", "params_sha256"))
        return cells if found == wanted else None


def _combine(first: Mapping[str, object], second: Mapping[str, object]) -> dict[str, object]:
    cells = {**second, "stage_texts": [first["text"], second["text"]], "started_at": first["started_at"]}
    return cells | {name: add_up([first.get(name), second.get(name)]) for name in _SUMMED}


def _says_neutral(text: str) -> bool | None:
    """Return whether the reply to the first stage says neutral, or None if it says neither."""
    return _load_replies().get(" ".join(_WORD.findall(text.casefold().replace("’", "'"))))


@cache
def _load_replies() -> Mapping[str, bool]:
    text = (files("descan.collect.asking") / "stage_replies.toml").read_text(encoding="utf-8")
    lists = tomllib.loads(text)
    return {reply: name == "neutral" for name in ("neutral", "not_neutral") for reply in lists[name]}
