"""The line that a question becomes: what is known before a request, and what its outcome adds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from descan.collect.asking.retrying import Outcome
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import FaultScope, Reply, describe_fault
from descan.collect.questions.pricing import compute_cost, price_version
from descan.collect.questions.tasks import Question
from descan.collect.sources.media_loading import LoadedMedia
from descan.collect.store.answers_file import Kind, Line
from descan.media.media_files import MediaError
from descan.records import Status

_DIGITS = 6


@dataclass(frozen=True, slots=True)
class ItemQuestion:
    """One question to one model about one item.

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
        """Return the cells that identify the answer."""
        return {
            "item_id": self.item_id,
            "model": self.name,
            "mode": self.question.mode.value,
            "prompt": self.question.prompt.name or None,
            "repeat": self.question.repeat,
        }


def base_cells(asked: ItemQuestion, media: LoadedMedia | None) -> dict[str, object]:
    """Return the cells that are known before there is a reply; as they are, they describe a failure."""
    settings, recipe = asked.settings, asked.question.recipe
    return {
        **asked.key(),
        "status": Status.FAILED.value,
        "text": "",
        "provider": settings.provider,
        "requested_model": settings.model,
        "started_at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "sdk": asked.sdk,
        "media_sha256": media.media_sha256 if media else None,
        "n_frames": media.n_frames if media else None,
        "clip": media.clip if media else None,
        "fps": settings.fps if media and media.clip else None,
        "prompt_sha256": recipe.prompt_sha256,
        "params_sha256": recipe.params_sha256,
        "way": recipe.way or None,
    }


def make_line(base: Mapping[str, object], settings: ModelSettings, outcome: Outcome, *, is_batch: bool = False) -> Line:
    """Return the line of a question that took one call.

    Args:
        base: What was known before, from `base_cells`.
        settings: Of the model.
        outcome: Of the call.
        is_batch: Whether it came in a batch, at another price.
    """
    cells = {**base, "attempts": outcome.attempts}
    if outcome.latency_s is not None:
        cells |= {"latency_s": round(outcome.latency_s, _DIGITS), "retries": outcome.attempts - 1}
        cells |= {"waited_s": round(outcome.waited_s or 0.0, _DIGITS)}
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
        "detail": error.describe(),
        "retryable": error.scope is not FaultScope.ITEM,
        "request_id": error.request_id or None,
    }
    if reply is None and error.body:
        bodies = (*bodies, error.body)
    return Line(Kind.FAILURE, cells, bodies, error, is_paid=bool(paid))


def make_media_failure(asked: ItemQuestion, error: MediaError) -> Line:
    """Return the line of an item whose media cannot be sent; it is asked again if they may come back."""
    detail = describe_fault(error.code, error.problem)
    cells = base_cells(asked, None) | {"detail": detail, "retryable": error.is_passing}
    return Line(Kind.FAILURE, cells, ())


def add_up(parts: Sequence[object]) -> int | float | None:
    """Return the sum of numbers, or None if one is unknown."""
    numbers = [part for part in parts if isinstance(part, int | float)]
    return sum(numbers) if len(numbers) == len(parts) else None


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
    cost = add_up([compute_cost(settings, reply, is_batch=is_batch) for reply in replies])
    return {
        "input_tokens": add_up([reply.input_tokens for reply in replies]),
        "output_tokens": add_up([reply.output_tokens for reply in replies]),
        "thinking_tokens": add_up([reply.thinking_tokens for reply in replies]),
        "cached_tokens": add_up([reply.cached_tokens for reply in replies]),
        "cache_write_tokens": add_up([reply.cache_write_tokens for reply in replies]),
        "service_tier": replies[-1].service_tier or None,
        "cost_usd": cost,
        "price_version": None if cost is None else price_version(settings),
    }
