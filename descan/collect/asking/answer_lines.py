"""One question put for one item: the requests that it takes, and the line that it becomes."""

import re
import tomllib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files

from descan.collect.asking.retrying import Outcome
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import Call, CallError, FaultScope, Reply
from descan.collect.questions.pricing import cost_usd, price_version
from descan.collect.questions.tasks import Question
from descan.collect.sources.media_loading import LoadedMedia
from descan.collect.store.answers_file import Kind
from descan.emotions import Emotion
from descan.records import Status

Ask = Callable[[Call], Awaitable[Outcome]]
"""Sends one call to the model, with retries."""

Save = Callable[[Kind, Mapping[str, object], tuple[bytes, ...]], Awaitable[None]]
"""Makes a line safe."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Line:
    """What a question became.

    Attributes:
        kind: An answer, or a failure.
        bodies: Raw bodies that are not safe yet.
        error: Of a failure that a request met: what went wrong.
        is_paid: Something came back, so that money was spent.
    """

    kind: Kind
    cells: Mapping[str, object]
    bodies: tuple[bytes, ...]
    error: CallError | None = None
    is_paid: bool = False

    @property
    def is_kept(self) -> bool:
        """Tell whether it says something of the item: what only ends the model does not."""
        return self.is_paid or self.error is None or self.error.scope is not FaultScope.MODEL

    @property
    def cost_usd(self) -> float | None:
        """What it has cost: None where that is unknown, 0 where nothing came back."""
        cost = self.cells.get("cost_usd")
        return cost if isinstance(cost, float | int) else None if self.is_paid else 0.0


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked what about which item.

    Attributes:
        name: What the corpus calls the model.
        sdk: Name and version of the provider's SDK.
    """

    item_id: str
    name: str
    settings: ModelSettings
    question: Question
    sdk: str

    def key(self) -> dict[str, object]:
        """Give the cells that say which answer this is."""
        return {
            "item_id": self.item_id,
            "model": self.name,
            "mode": self.question.mode.value,
            "repeat": self.question.repeat,
        }


async def ask_question(
    asked: Asked, media: LoadedMedia, ask: Ask, save: Save, first_stage: Mapping[str, object] | None = None
) -> Line:
    """Ask, in one stage or in two, and give the line that tells the result.

    The reply to the first of two stages is made safe before the second is asked. If it says neutral, the answer
    is Neutral; if it cannot be read, it is the answer itself.

    Args:
        asked: Who is asked what.
        media: Of the item.
        ask: Sends a call.
        save: Makes a line safe.
        first_stage: The line of the first stage, where an earlier run has made it safe.
    """
    stages = asked.question.prompt.stages
    started_at = datetime.now(UTC)
    base = base_cells(asked, media, started_at)
    if len(stages) == 1:
        return make_line(base, asked.settings, await ask(Call(stages[0], media.parts)))
    if first_stage is None:
        line = make_line(base, asked.settings, await ask(Call(stages[0], media.parts)))
        if line.kind is Kind.FAILURE or line.cells["status"] != Status.OK:
            return line
        meaning = _meaning_of(str(line.cells["text"]))
        if meaning is not False:
            return _first_stage_alone(line, is_neutral=meaning is True)
        await save(Kind.STAGE, line.cells, line.bodies)
        first_stage = line.cells
    second = make_line(base, asked.settings, await ask(Call(stages[1], media.parts)))
    return second if second.kind is Kind.FAILURE else replace(second, cells=_both(first_stage, second.cells))


def fail_item(asked: Asked, code: str, problem: str) -> Line:
    """Give the line of an item that could not even be sent."""
    cells = base_cells(asked, None, datetime.now(UTC))
    cells |= {"detail": describe_fault(code, problem), "retryable": False}
    return Line(Kind.FAILURE, cells, ())


def describe_fault(code: str, problem: str) -> str:
    """Put the stable name of a fault before what is said of it."""
    return problem if problem.startswith(code) else f"{code}: {problem}"


def base_cells(asked: Asked, media: LoadedMedia | None, started_at: datetime) -> dict[str, object]:
    """Give the cells that are known before there is a reply; as they are, they tell of a failure."""
    settings, recipe = asked.settings, asked.question.recipe
    return {
        **asked.key(),
        "status": Status.FAILED.value,
        "text": "",
        "provider": settings.provider,
        "requested_model": settings.model,
        "started_at": started_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "sdk": asked.sdk,
        "media_sha256": media.media_sha256 if media else None,
        "n_frames": media.n_frames if media else None,
        "prompt_sha256": recipe.prompt_sha256,
        "params_sha256": recipe.params_sha256,
    }


def make_line(base: Mapping[str, object], settings: ModelSettings, outcome: Outcome, *, is_batch: bool = False) -> Line:
    """Give the line of a question that took one call.

    Args:
        base: What was known before, as of `base_cells`.
        settings: Of the model.
        outcome: Of the call.
        is_batch: Whether it came in a batch, at another price.
    """
    cells = {**base, "attempts": outcome.attempts, "latency_s": _rounded(outcome.latency_s)}
    reply, error = outcome.reply, outcome.error
    paid = [*outcome.wasted, *([reply] if reply else [])]
    if reply is not None:
        cells |= _reply_cells(reply)
    if paid:
        cells |= _usage_cells(paid, settings, is_batch=is_batch)
    bodies = tuple(one.body for one in paid if one.body)
    if error is None:
        return Line(Kind.ANSWER, cells, bodies, is_paid=True)
    cells |= {
        "status": Status.FAILED.value,
        "text": reply.text if reply else "",
        "detail": describe_fault(error.code, str(error)),
        "retryable": error.scope is not FaultScope.ITEM,
        "request_id": error.request_id or None,
    }
    if reply is None and error.body:
        bodies = (*bodies, error.body)
    return Line(Kind.FAILURE, cells, bodies, error, is_paid=bool(paid))


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, _DIGITS)


def _reply_cells(reply: Reply) -> dict[str, object]:
    return {
        "status": reply.status.value,
        "text": reply.text,
        "finish_reason": reply.finish_reason or None,
        "detail": reply.detail or None,
        "served_model": reply.served_model or None,
        "request_id": reply.request_id or None,
    }


def _usage_cells(replies: list[Reply], settings: ModelSettings, *, is_batch: bool) -> dict[str, object]:
    """Add up what was paid for; a sum with an unknown part is unknown."""
    costs = [cost_usd(settings, reply, is_batch=is_batch) for reply in replies]
    cost = _total(costs)
    return {
        "input_tokens": _total([reply.input_tokens for reply in replies]),
        "output_tokens": _total([reply.output_tokens for reply in replies]),
        "thinking_tokens": _total([reply.thinking_tokens for reply in replies]),
        "cached_tokens": _total([reply.cached_tokens for reply in replies]),
        "cost_usd": cost,
        "price_version": None if cost is None else price_version(),
    }


def _total(parts: list[object] | list[int | None] | list[float | None]) -> int | float | None:
    numbers = [part for part in parts if isinstance(part, int | float)]
    return sum(numbers) if len(numbers) == len(parts) else None


def _first_stage_alone(line: Line, *, is_neutral: bool) -> Line:
    text = line.cells["text"]
    return replace(
        line, cells={**line.cells, "text": Emotion.NEUTRAL.value if is_neutral else text, "stage_texts": [text]}
    )


def _both(first: Mapping[str, object], second: Mapping[str, object]) -> dict[str, object]:
    cells = {**second, "stage_texts": [first["text"], second["text"]], "started_at": first["started_at"]}
    for name in ("attempts", "latency_s", "input_tokens", "output_tokens", "thinking_tokens", "cached_tokens"):
        cells[name] = _total([first.get(name), second.get(name)])
    cells["cost_usd"] = _total([first.get("cost_usd"), second.get("cost_usd")])
    return cells


def _meaning_of(text: str) -> bool | None:
    """Tell whether the reply to the first stage says neutral, or None where it cannot be read."""
    return _meanings().get(" ".join(_WORD.findall(text.casefold().replace("’", "'"))))


@cache
def _meanings() -> Mapping[str, bool]:
    text = (files("descan.collect.asking") / "stage_replies.toml").read_text(encoding="utf-8")
    lists = tomllib.loads(text)
    return {reply: name == "neutral" for name in ("neutral", "not_neutral") for reply in lists[name]}
