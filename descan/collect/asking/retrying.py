"""When to ask again, how long to wait, and when to give up: one policy for requests online and about batches."""

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import TypeVar

from descan.collect.providers.faults import UNREACHABLE
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import Call, CallError, FaultScope, Provider, Reply

Turn = Callable[[], AbstractAsyncContextManager[None]]
"""Surrounds each attempt: entering waits for its turn, leaving sees the CallError if there is one."""

_Result = TypeVar("_Result")
_VERSION = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|\d{8}|\d{6}|\d{4}|\d{3})|:latest")
"""What a provider appends to an alias of a dated or numbered model."""

_MOVING_ALIAS = re.compile(r"[-:]latest$")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to go on.

    Attributes:
        first_backoff_s: Longest pause after the first failure if the server asks for none. It doubles each time. Each
            pause is drawn from 0 up to it, so that calls that failed together do not come back together.
        longest_backoff_s: Upper limit of these pauses.
        longest_delay_s: A server that asks for a longer pause ends the model for this run.
        total_s: No attempt begins once attempts and pauses have taken this long together.
    """

    first_backoff_s: float = 2.0
    longest_backoff_s: float = 60.0
    longest_delay_s: float = 300.0
    total_s: float = 1800.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended.

    Attributes:
        reply: What came back and is stored, or None.
        error: Why there is no reply; or, with a reply, why the model must stop nevertheless.
        attempts: How many requests were sent.
        latency_s: Seconds that the last of them took, or None if they were sent in a batch.
        wasted: Empty replies of earlier attempts, which were paid for.
        waited_s: Seconds from the first request to the last one, or None if they were sent in a batch.
    """

    reply: Reply | None
    error: CallError | None
    attempts: int
    latency_s: float | None
    wasted: tuple[Reply, ...] = ()
    waited_s: float | None = None

    @classmethod
    def of(
        cls,
        result: Reply | CallError,
        attempts: int,
        latency_s: float | None,
        paid: tuple[Reply, ...] = (),
        waited_s: float | None = None,
    ) -> "Outcome":
        """Return how a call ended; a fault with a reply that does not end the model counts as an answer.

        Args:
            result: The reply, or the last fault.
            attempts: How many requests were sent.
            latency_s: Of the last one.
            paid: All replies that came with faults.
            waited_s: From the first request to the last one.
        """
        if isinstance(result, Reply):
            return cls(result, None, attempts, latency_s, paid, waited_s)
        reply = result.reply
        is_answer = reply is not None and result.scope is not FaultScope.MODEL
        wasted = tuple(other for other in paid if other is not reply)
        return cls(reply, None if is_answer else result, attempts, latency_s, wasted, waited_s)


class ServedModels:
    """Remembers which model answered first for each model of a run; shared by the whole run."""

    def __init__(self, first: Mapping[str, str] | None = None) -> None:
        """Start with what earlier runs found.

        Args:
            first: By what the run calls a model: the model that answered for it first.
        """
        self._first = {label: _bare(served) for label, served in (first or {}).items()}

    def check(self, settings: ModelSettings, reply: Reply) -> None:
        """Check the model that a reply came from.

        The requested model may answer, a dated or numbered version of it, and what `allow_served` lists. A name that
        ends in `latest` may stand for any model. The model that answered first must keep answering.

        Raises:
            CallError: If another model answered; the error carries the reply, which was paid for.
        """
        served = _bare(reply.served_model)
        requested = _bare(settings.model)
        if not served or served in map(_bare, settings.allow_served):
            return
        is_alias = _MOVING_ALIAS.search(requested) is not None
        if not is_alias and not _is_version_of(requested, served):
            raise _make_fault(settings, served, f"{requested} was asked for, {served} answered", reply)
        first = self._first.setdefault(settings.label, served)
        if first != served:
            raise _make_fault(settings, served, f"{first} answered for {requested} at first, now {served} does", reply)


async def ask_with_retries(
    provider: Provider,
    call: Call,
    settings: ModelSettings,
    *,
    served: ServedModels,
    patience: Patience | None = None,
    turn: Turn = nullcontext,
) -> Outcome:
    """Ask until there is a reply, a fault that another attempt does not mend, or no patience left.

    Args:
        provider: Whom to ask.
        call: What to ask.
        settings: Of the model; `timeout_s` limits an attempt, `max_attempts` their number.
        served: Checks which model answered.
        patience: Limits of pauses and of the whole call.
        turn: Surrounds each attempt, as in `retry`.
    """
    n_attempts, latency_s, waited_s = 0, 0.0, 0.0
    first_began = 0.0
    paid: list[Reply] = []

    async def attempt() -> Reply:
        nonlocal n_attempts, latency_s, waited_s, first_began
        n_attempts += 1
        began = time.monotonic()
        first_began = first_began or began
        waited_s = began - first_began
        try:
            return await _ask_once(provider, call, settings, served)
        except CallError as fault:
            paid.extend([fault.reply] if fault.reply else [])
            raise
        finally:
            latency_s = time.monotonic() - began

    result: Reply | CallError
    try:
        result = await retry(attempt, max_attempts=settings.max_attempts, patience=patience, turn=turn)
    except CallError as fault:
        result = fault
    return Outcome.of(result, n_attempts, latency_s, tuple(paid), waited_s)


async def retry(
    attempt: Callable[[], Awaitable[_Result]],
    *,
    max_attempts: int,
    patience: Patience | None = None,
    turn: Turn = nullcontext,
) -> _Result:
    """Call until it succeeds, fails in a way that another attempt does not mend, or no patience is left.

    Args:
        attempt: Called for each attempt.
        max_attempts: How many at most.
        patience: Limits of pauses and of all attempts together.
        turn: Surrounds each attempt. Waiting for a turn does not count as time of the attempt.

    Raises:
        CallError: The final fault. Some faults that usually pass end the model once they have lasted too long.
    """
    patience = patience or Patience()
    n_attempts, spent_s = 0, 0.0
    while True:
        n_attempts += 1
        try:
            async with turn():
                began = time.monotonic()
                try:
                    return await attempt()
                finally:
                    spent_s += time.monotonic() - began
        except CallError as fault:
            pause_s = _choose_pause(fault, n_attempts, patience)
            spent_s += pause_s
            if n_attempts >= max_attempts or spent_s > patience.total_s:
                if fault.code not in UNREACHABLE:
                    raise
                advice = "check the network, the base URL and the server, then run again"
                raise _end_model(fault, str(fault), advice) from None
        await asyncio.sleep(pause_s)


def _choose_pause(fault: CallError, n_attempts: int, patience: Patience) -> float:
    """Return the seconds to wait after a fault; raise it if another attempt does not mend it."""
    delay_s = fault.delay_s
    if fault.scope is not FaultScope.ATTEMPT:
        raise fault
    if delay_s is None:
        longest_s = patience.first_backoff_s * 2.0 ** min(n_attempts - 1, 32)
        return random.uniform(0, min(patience.longest_backoff_s, longest_s))
    if delay_s > patience.longest_delay_s:
        problem = f"{fault} (the provider asks for a pause of {delay_s:.0f} s; descan waits no longer than"
        problem = f"{problem} {patience.longest_delay_s:.0f} s)"
        raise _end_model(fault, problem, "run the same command again after that")
    return delay_s


async def _ask_once(provider: Provider, call: Call, settings: ModelSettings, served: ServedModels) -> Reply:
    try:
        async with asyncio.timeout(settings.timeout_s):
            reply = await provider.ask(call, settings)
    except TimeoutError:
        problem = f"timeout: no reply within {settings.timeout_s:g} s"
        raise CallError(FaultScope.ATTEMPT, "timeout", problem) from None
    served.check(settings, reply)
    return reply


def _end_model(fault: CallError, problem: str, advice: str) -> CallError:
    return CallError(
        FaultScope.MODEL,
        fault.code,
        problem,
        advice=fault.advice or advice,
        body=fault.body,
        request_id=fault.request_id,
        reply=fault.reply,
    )


def _bare(model: str) -> str:
    return model.removeprefix("models/")


def _is_version_of(requested: str, served: str) -> bool:
    return served == requested or (
        served.startswith(requested) and _VERSION.fullmatch(served[len(requested) :]) is not None
    )


def _make_fault(settings: ModelSettings, served: str, problem: str, reply: Reply) -> CallError:
    advice = f"if that is intended, allow it: --set '{settings.label}.allow_served=[\"{served}\"]'"
    return CallError(
        FaultScope.MODEL,
        "rerouted",
        f"rerouted: {problem}",
        advice=advice,
        body=reply.body,
        request_id=reply.request_id,
        reply=reply,
    )
