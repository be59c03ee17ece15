"""One policy for asking again."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    stop_any,
    wait_random_exponential,
)
from tenacity.stop import stop_base

from descan.collect.asking.served import ServedModels
from descan.collect.providers.faults import UNREACHABLE
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import Call, CallError, FaultScope, Provider, Reply

BeforeAttempt = Callable[[], Awaitable[None]]
AfterAttempt = Callable[[CallError | None], None]

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to go on.

    Attributes:
        first_backoff_s: Longest pause after the first failure where the server asks for none; it doubles each time, and
            each pause is drawn from 0 up to it, so that calls that failed together do not come back together.
        longest_backoff_s: No pause of ours is longer.
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
        reply: What came back and is kept, or None.
        error: Why there is no reply; or, with a reply, why the model must stop all the same.
        attempts: How many requests were sent.
        latency_s: Seconds that the last of them took, or None where they were sent in a batch.
        wasted: Replies of earlier attempts, which were paid for but said nothing.
    """

    reply: Reply | None
    error: CallError | None
    attempts: int
    latency_s: float | None
    wasted: tuple[Reply, ...] = ()


async def ask_with_retries(
    provider: Provider,
    call: Call,
    settings: ModelSettings,
    *,
    served: ServedModels,
    patience: Patience | None = None,
    before_attempt: BeforeAttempt | None = None,
    after_attempt: AfterAttempt | None = None,
) -> Outcome:
    """Ask until there is a reply, or a fault that another attempt does not mend, or no patience is left.

    Args:
        provider: Whom to ask.
        call: What to ask.
        settings: Of the model; `timeout_s` bounds an attempt, `max_attempts` their number.
        served: Checks which model answered.
        patience: Bounds of pauses and of the whole.
        before_attempt: Awaited before each attempt, outside its time limit; what it raises ends the call and is passed
            on.
        after_attempt: Called when an attempt has ended, with its fault if it has one, or None. An attempt that is
            cancelled has ended, too: with None.
    """
    attempts = _Attempts(provider, call, settings, served, before_attempt, after_attempt)
    patience = patience or Patience()
    try:
        reply = await retry(
            attempts.ask, max_attempts=settings.max_attempts, patience=patience, held_s=lambda: attempts.held_s
        )
    except CallError as error:
        return attempts.outcome(error.reply, None if is_answer(error) else error)
    return attempts.outcome(reply, None)


async def retry(
    attempt: Callable[[], Awaitable[_Result]],
    *,
    max_attempts: int,
    patience: Patience | None = None,
    held_s: Callable[[], float] = lambda: 0.0,
) -> _Result:
    """Call until it succeeds, or fails in a way that another attempt does not mend, or no patience is left.

    Args:
        attempt: What to call.
        max_attempts: How often at most.
        patience: Bounds of pauses and of the whole.
        held_s: Gives the seconds that the attempts were held up by us, which do not count.

    Raises:
        CallError: The last fault. It ends the model if the server cannot be reached, or wants a pause that is too long.
    """
    patience = patience or Patience()
    backoff = wait_random_exponential(multiplier=patience.first_backoff_s, max=patience.longest_backoff_s)

    def pause_s(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        delay_s = error.delay_s if isinstance(error, CallError) else None
        return backoff(state) if delay_s is None else delay_s

    retrying = AsyncRetrying(
        sleep=asyncio.sleep,
        stop=stop_any(stop_after_attempt(max_attempts), _OutOfTime(patience.total_s, held_s)),
        wait=pause_s,
        retry=retry_if_exception(lambda error: _is_worth_another(error, patience)),
        reraise=True,
    )
    try:
        return await retrying(attempt)
    except CallError as error:
        raise _at_the_end(error, patience) from None


def is_answer(error: CallError) -> bool:
    """Tell whether a fault is an answer after all: one that came with a reply and does not end the model."""
    return error.reply is not None and error.scope is not FaultScope.MODEL


class _OutOfTime(stop_base):
    """Stops once the next attempt would begin too late."""

    def __init__(self, total_s: float, held_s: Callable[[], float]) -> None:
        self._total_s, self._held_s = total_s, held_s

    def __call__(self, retry_state: RetryCallState) -> bool:
        since_s = (retry_state.seconds_since_start or 0.0) - self._held_s()
        return since_s + retry_state.upcoming_sleep > self._total_s


class _Attempts:
    """The attempts at one call, counted and timed."""

    def __init__(
        self,
        provider: Provider,
        call: Call,
        settings: ModelSettings,
        served: ServedModels,
        before_attempt: BeforeAttempt | None,
        after_attempt: AfterAttempt | None,
    ) -> None:
        self._provider, self._call, self._settings, self._served = provider, call, settings, served
        self._before, self._after = before_attempt, after_attempt
        self._n = 0
        self._latency_s = 0.0
        self.held_s = 0.0
        self._paid: list[Reply] = []

    async def ask(self) -> Reply:
        if self._before:
            begin = time.monotonic()
            await self._before()
            self.held_s += time.monotonic() - begin
        fault = None
        try:
            return await self._ask_once()
        except CallError as error:
            fault = error
            raise
        finally:
            if self._after:
                self._after(fault)

    def outcome(self, reply: Reply | None, error: CallError | None) -> Outcome:
        wasted = tuple(paid for paid in self._paid if paid is not reply)
        return Outcome(reply, error, self._n, self._latency_s, wasted)

    async def _ask_once(self) -> Reply:
        self._n += 1
        begin = time.monotonic()
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                reply = await self._provider.ask(self._call, self._settings)
            self._served.check(self._settings, reply)
        except TimeoutError:
            problem = f"timeout: no reply within {self._settings.timeout_s:g} s"
            raise CallError(FaultScope.ATTEMPT, "timeout", problem) from None
        except CallError as error:
            if error.reply is not None:
                self._paid.append(error.reply)
            raise
        finally:
            self._latency_s = time.monotonic() - begin
        return reply


def _is_worth_another(error: BaseException, patience: Patience) -> bool:
    return (
        isinstance(error, CallError)
        and error.scope is FaultScope.ATTEMPT
        and (error.delay_s or 0.0) <= patience.longest_delay_s
    )


def _at_the_end(error: CallError, patience: Patience) -> CallError:
    """Give the fault that is left: some that pass within a while end the model once that while is over."""
    if error.scope is FaultScope.ATTEMPT and (error.delay_s or 0.0) > patience.longest_delay_s:
        problem = f"{error} (the provider wants a pause of {error.delay_s:.0f} s; descan waits no longer than"
        return _stopping(error, f"{problem} {patience.longest_delay_s:.0f} s)", "run the same command again after that")
    if error.code in UNREACHABLE:
        return _stopping(error, str(error), "check the network, the base URL and the server, then run again")
    return error


def _stopping(error: CallError, problem: str, advice: str) -> CallError:
    return CallError(
        FaultScope.MODEL,
        error.code,
        problem,
        advice=error.advice or advice,
        delay_s=error.delay_s,
        body=error.body,
        request_id=error.request_id,
        reply=error.reply,
    )
