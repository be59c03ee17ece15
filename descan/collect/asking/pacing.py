"""How fast one model is asked: no more requests at once, or per minute, than its server allows."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from descan.collect.asking.budget import Budget
from descan.collect.asking.halting import Halt
from descan.collect.asking.retrying import Outcome, ServedModels, ask_with_retries
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import Call, CallError, FaultScope, Provider
from descan.collect.result import ModelProgress

_TOO_MANY = "429"
_SHRINK = 0.5
_S_PER_MINUTE = 60.0


class Pace:
    """Sends the calls to one model when it is their turn."""

    def __init__(
        self,
        provider: Provider,
        settings: ModelSettings,
        served: ServedModels,
        budget: Budget,
        halt: Halt,
        progress: ModelProgress,
    ) -> None:
        """Start with nothing sent.

        Args:
            provider: Whom to ask.
            settings: Of the model.
            served: Checks which model answered.
            budget: Of the run.
            halt: Ends the model.
            progress: Is told of faults, and of what waits to be asked again.
        """
        self._provider, self._settings, self._served = provider, settings, served
        self._budget, self._halt, self._progress = budget, halt, progress
        self._gate = Gate(settings.concurrency)
        self._requests = Spacing(settings.requests_per_minute)
        self._tokens = Spacing(settings.tokens_per_minute)

    async def ask(self, call: Call, n_tokens: float) -> Outcome:
        """Send a call, several times if necessary; `n_tokens` is what it is expected to use."""
        waiting = _Waiting(self._progress)
        try:
            outcome = await ask_with_retries(
                self._provider,
                call,
                self._settings,
                served=self._served,
                turn=lambda: self._take_turn(n_tokens, waiting),
            )
        finally:
            waiting.end()
        reply = outcome.reply
        if reply is not None and reply.retires_on:
            self._progress.retires_on = reply.retires_on
        if reply is not None and reply.input_tokens is not None:
            n_used = reply.input_tokens + (reply.output_tokens or 0) + (reply.thinking_tokens or 0)
            self._tokens.correct(n_used - n_tokens)
        return outcome

    @asynccontextmanager
    async def _take_turn(self, n_tokens: float, waiting: "_Waiting") -> AsyncIterator[None]:
        self._halt.rest()
        epoch = await self._gate.enter()
        try:
            await self._requests.take(1)
            await self._tokens.take(n_tokens)
            self._halt.begin_sending()
            self._budget.count_request(self._progress.name)
        except BaseException:
            self._gate.turn_back()
            raise
        waiting.count_retry()
        fault = None
        try:
            yield
        except CallError as error:
            fault = error
            waiting.begin(fault)
            raise
        finally:
            self._gate.leave(epoch, fault)
            self._halt.end_sending(fault)


class _Waiting:
    """Shows in the progress of a model that a call waits to be sent again."""

    def __init__(self, progress: ModelProgress) -> None:
        self._progress = progress
        self._is_waiting = False

    def begin(self, fault: CallError) -> None:
        self._progress.note_fault(fault)
        if fault.scope is FaultScope.ATTEMPT:
            self._is_waiting = True
            self._progress.n_waiting += 1

    def count_retry(self) -> None:
        self._progress.n_retries += self._is_waiting
        self.end()

    def end(self) -> None:
        self._progress.n_waiting -= self._is_waiting
        self._is_waiting = False


class Gate:
    """Limits the requests at once to what a server can take: fewer after a 429, slowly more again after replies.

    Additive increase, multiplicative decrease, as TCP does (Chiu & Jain 1989, Computer Networks and ISDN
    Systems 17): among the requests that were in flight together only the first 429 counts.
    """

    def __init__(self, most: int) -> None:
        """Start wide open.

        Args:
            most: Largest number of requests at once.
        """
        self._most = most
        self._limit = float(most)
        self._n_inside = 0
        self._epoch = 0
        self._open_at = 0.0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def limit(self) -> int:
        """Number of requests that may run at once now."""
        return int(self._limit)

    async def enter(self) -> int:
        """Wait until there is room, and return what `leave` needs."""
        loop = asyncio.get_running_loop()
        while True:
            if (pause_s := self._open_at - loop.time()) > 0:
                await asyncio.sleep(pause_s)
            elif self._n_inside < self.limit:
                self._n_inside += 1
                return self._epoch
            else:
                turn = loop.create_future()
                self._waiting.append(turn)
                try:
                    await turn
                except asyncio.CancelledError:
                    self._pass_on(turn)
                    raise

    def leave(self, epoch: int, fault: CallError | None) -> None:
        """Make room; a 429 narrows the gate, and closes it for as long as the server asks.

        Args:
            epoch: What `enter` returned.
            fault: How the request ended, or None if it was answered.
        """
        self._n_inside -= 1
        if fault is None:
            self._limit = min(self._most, self._limit + 1 / self._limit)
        elif fault.code.startswith(_TOO_MANY):
            if epoch == self._epoch:
                self._epoch += 1
                self._limit = max(1.0, self._limit * _SHRINK)
            if fault.delay_s is not None:
                self._open_at = max(self._open_at, asyncio.get_running_loop().time() + fault.delay_s)
        self._wake()

    def turn_back(self) -> None:
        """Make room again; nothing was sent."""
        self._n_inside -= 1
        self._wake()

    def _wake(self) -> None:
        n_free = self.limit - self._n_inside
        while self._waiting and n_free > 0:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                n_free -= 1

    def _pass_on(self, turn: asyncio.Future[None]) -> None:
        """Give the turn of a cancelled task to the next one."""
        with suppress(ValueError):
            self._waiting.remove(turn)
        if turn.done() and not turn.cancelled():
            self._wake()


class Spacing:
    """Spreads amounts evenly over a minute.

    Unlike a leaky bucket, it does not let twice the allowance through in the first minute.
    """

    def __init__(self, per_minute: float | None) -> None:
        """Start free.

        Args:
            per_minute: Requests or tokens a minute; None for no bound.
        """
        self._s_each = 0.0 if per_minute is None else _S_PER_MINUTE / per_minute
        self._free_at = 0.0

    async def take(self, amount: float) -> None:
        """Wait for the turn of an amount; it is used up even if the wait is cancelled."""
        if not self._s_each:
            return
        now = asyncio.get_running_loop().time()
        begin = max(now, self._free_at)
        self._free_at = begin + amount * self._s_each
        if begin > now:
            await asyncio.sleep(begin - now)

    def correct(self, amount: float) -> None:
        """Use up more, or give some back, once the real amount is known."""
        self._free_at += amount * self._s_each
