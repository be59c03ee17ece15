"""Asking again: what is worth another attempt, how long to wait, when to give up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from descan.collect.asking.retrying import Outcome, Patience, ServedModels, ask_with_retries, retry
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import Call, CallError, FaultScope, Reply
from descan.records import Status
from tests.collect.provider_cases import CHAT, GEMINI, open_provider, question
from tests.vlm_server import FaultRule, Generated, Script, VlmServer

QUICK = Patience(first_backoff_s=0.001, longest_backoff_s=0.002)


def run(server: VlmServer, settings: ModelSettings, patience: Patience = QUICK) -> Outcome:
    async def ask() -> Outcome:
        async with open_provider(server, settings) as provider:
            return await ask_with_retries(provider, question(), settings, served=ServedModels(), patience=patience)

    return asyncio.run(ask())


@pytest.mark.parametrize("fault", ["408", "409", "429", "500", "503", "reset_before_body", "reset_in_body",
                                   "truncated_body", "html_body", "empty_body", "malformed_json"])  # fmt: skip
@pytest.mark.parametrize("settings", [CHAT, GEMINI], ids=["openai", "gemini"])
def test_what_passes_is_asked_again(settings: ModelSettings, fault: str) -> None:
    with VlmServer(Script(faults=(FaultRule(fault, n_attempts=2),))) as server:
        outcome = run(server, settings)
        assert server.counts.n_requests == 3
    assert outcome.error is None
    assert outcome.reply is not None
    assert outcome.reply.status is Status.OK
    assert outcome.attempts == 3
    assert outcome.wasted == ()


@pytest.mark.parametrize(
    ("fault", "scope"), [("400_image", FaultScope.ITEM), ("401", FaultScope.MODEL), ("404", FaultScope.MODEL)]
)
def test_what_does_not_pass_is_asked_once(fault: str, scope: FaultScope) -> None:
    with VlmServer(Script(faults=(FaultRule(fault),))) as server:
        outcome = run(server, CHAT)
        assert server.counts.n_requests == 1
    assert (outcome.reply, outcome.attempts) == (None, 1)
    assert outcome.error is not None
    assert outcome.error.scope is scope


def test_attempts_are_bounded() -> None:
    with VlmServer(Script(faults=(FaultRule("500"),))) as server:
        outcome = run(server, CHAT.model_copy(update={"max_attempts": 3}))
        assert server.counts.n_requests == 3
    assert outcome.attempts == 3
    assert outcome.error is not None
    assert (outcome.error.scope, outcome.error.code) == (FaultScope.ATTEMPT, "500 server_error")


def test_a_stalled_body_ends_with_the_attempt() -> None:
    with VlmServer(Script(faults=(FaultRule("stalled_body", n_attempts=1),))) as server:
        outcome = run(server, CHAT.model_copy(update={"timeout_s": 0.5}))
    assert outcome.attempts == 2
    assert outcome.reply is not None


def test_a_model_that_stays_silent_gives_an_empty_reply_and_each_was_paid_for() -> None:
    with VlmServer(Script(faults=(FaultRule("stop_without_parts"),))) as server:
        outcome = run(server, GEMINI.model_copy(update={"max_attempts": 3}))
    assert outcome.error is None
    assert outcome.reply is not None
    assert outcome.reply.status is Status.EMPTY
    assert [reply.status for reply in outcome.wasted] == [Status.EMPTY, Status.EMPTY]


def test_a_silent_attempt_before_a_good_one_is_counted() -> None:
    with VlmServer(Script(faults=(FaultRule("stop_without_parts", n_attempts=1),))) as server:
        outcome = run(server, GEMINI)
    assert outcome.reply is not None
    assert outcome.reply.status is Status.OK
    assert len(outcome.wasted) == 1


def test_a_server_that_stays_away_ends_the_model() -> None:
    with VlmServer() as server:
        outcome = run(server, CHAT.model_copy(update={"base_url": "http://127.0.0.1:9/v1", "max_attempts": 2}))
    assert outcome.error is not None
    assert (outcome.error.scope, outcome.error.code) == (FaultScope.MODEL, "connect")
    assert "check the network, the base URL and the server" in outcome.error.advice
    assert outcome.attempts == 2


def test_a_wish_for_a_long_pause_ends_the_model_and_says_so() -> None:
    patience = Patience(first_backoff_s=0.001, longest_delay_s=0.5)
    with VlmServer(Script(faults=(FaultRule("429_seconds"),))) as server:
        outcome = run(server, CHAT, patience)
        assert server.counts.n_requests == 1
    assert outcome.error is not None
    assert outcome.error.scope is FaultScope.MODEL
    assert "the provider asks for a pause of 1 s; descan waits no longer than 0 s" in str(outcome.error)


def test_the_pause_is_the_one_that_the_server_wants(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr("descan.collect.asking.retrying.asyncio.sleep", sleep)
    faults = iter([429.0, 7.5, None])

    async def attempt() -> str:
        delay_s = next(faults)
        if delay_s is None:
            return "done"
        raise CallError(FaultScope.ATTEMPT, "429", "429: slow down", delay_s=delay_s)

    patience = Patience(longest_delay_s=500)
    assert asyncio.run(retry(attempt, max_attempts=5, patience=patience)) == "done"
    assert pauses == [429.0, 7.5]


def test_pauses_of_ours_are_drawn_from_a_range_that_doubles_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr("descan.collect.asking.retrying.asyncio.sleep", sleep)

    async def attempt() -> None:
        raise CallError(FaultScope.ATTEMPT, "500", "500")

    patience = Patience(first_backoff_s=1, longest_backoff_s=4)
    with pytest.raises(CallError):
        asyncio.run(retry(attempt, max_attempts=100, patience=patience))
    assert len(pauses) == 99
    assert all(0 <= pause <= bound for pause, bound in zip(pauses, [1, 2, 4, *[4] * 96], strict=True))
    assert len(set(pauses)) > 90


def test_no_attempt_begins_after_the_whole_time() -> None:
    n_attempts = 0

    async def attempt() -> None:
        nonlocal n_attempts
        n_attempts += 1
        raise CallError(FaultScope.ATTEMPT, "429", "429", delay_s=10)

    with pytest.raises(CallError):
        asyncio.run(retry(attempt, max_attempts=100, patience=Patience(total_s=5)))
    assert n_attempts == 1


def test_each_attempt_waits_for_its_turn_which_sees_its_fault_and_may_end_the_call() -> None:
    seen: list[str] = []

    class BudgetError(Exception):
        pass

    @asynccontextmanager
    async def turn() -> AsyncIterator[None]:
        seen.append("turn")
        if len(seen) > 4:
            raise BudgetError
        try:
            yield
        except CallError as error:
            seen.append(error.code)
            raise

    async def ask(server: VlmServer) -> None:
        async with open_provider(server, CHAT) as provider:
            await ask_with_retries(provider, question(), CHAT, served=ServedModels(), patience=QUICK, turn=turn)

    with VlmServer(Script(faults=(FaultRule("500"),))) as server, pytest.raises(BudgetError):
        asyncio.run(ask(server))
    assert seen == ["turn", "500 server_error", "turn", "500 server_error", "turn"]


def test_a_pause_can_be_cancelled_at_once() -> None:
    async def attempt() -> None:
        raise CallError(FaultScope.ATTEMPT, "429", "429", delay_s=200)

    async def main() -> None:
        task = asyncio.create_task(retry(attempt, max_attempts=5))
        await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(main())


def test_a_rerouted_model_stops_but_its_reply_is_kept() -> None:
    with VlmServer(Script(faults=(FaultRule("rerouted"),))) as server:
        outcome = run(server, GEMINI)
        assert server.counts.n_requests == 1
    assert outcome.error is not None
    assert (outcome.error.scope, outcome.error.code) == (FaultScope.MODEL, "rerouted")
    assert str(outcome.error) == "rerouted: gemini-2.5-flash was asked for, another-model-3.8 answered"
    assert "allow_served" in outcome.error.advice
    assert outcome.reply is not None
    assert outcome.reply.served_model == "another-model-3.8"
    assert outcome.wasted == ()


@pytest.mark.parametrize(
    ("requested", "served", "allowed", "is_good"),
    [
        ("gpt-4o", "gpt-4o", (), True),
        ("gpt-4o", "gpt-4o-2024-11-20", (), True),
        ("gpt-4o", "gpt-4o-mini-2024-07-18", (), False),
        ("gpt-4o", "gpt-4o-mini", (), False),
        ("gpt-4o-2024-11-20", "gpt-4o", (), False),
        ("gemini-2.5-flash", "gemini-2.5-flash-001", (), True),
        ("models/gemini-2.5-flash", "gemini-2.5-flash", (), True),
        ("gemini-2.5-flash", "gemini-2.5-flash-lite", (), False),
        ("gemini-2.5-flash", "gemini-2.5-flash-lite", ("gemini-2.5-flash-lite",), True),
        ("gemini-flash-latest", "gemini-3.5-flash", (), True),
        ("llava", "llava:latest", (), True),
        ("llava", "", (), True),
    ],
)
def test_only_versions_of_the_requested_model_may_answer(
    requested: str, served: str, allowed: tuple[str, ...], is_good: bool
) -> None:
    settings = ModelSettings(provider="openai", model=requested, allow_served=allowed)
    reply = Reply(Status.OK, "A smile.", served_model=served)
    if is_good:
        ServedModels().check(settings, reply)
    else:
        with pytest.raises(CallError, match=f"{requested} was asked for, {served} answered") as caught:
            ServedModels().check(settings, reply)
        assert caught.value.reply is reply


def test_an_alias_must_go_on_standing_for_the_model_that_answered_first() -> None:
    served = ServedModels()
    settings = ModelSettings(provider="openai", model="gpt-4o")
    served.check(settings, Reply(Status.OK, "", served_model="gpt-4o-2024-08-06"))
    served.check(settings, Reply(Status.OK, "", served_model="gpt-4o-2024-08-06"))
    with pytest.raises(CallError, match="gpt-4o-2024-08-06 answered for gpt-4o at first, now gpt-4o-2024-11-20 does"):
        served.check(settings, Reply(Status.OK, "", served_model="gpt-4o-2024-11-20"))


def test_a_call_needs_no_media() -> None:
    async def ask(server: VlmServer) -> Outcome:
        async with open_provider(server, CHAT) as provider:
            return await ask_with_retries(provider, Call("Say smile.", ()), CHAT, served=ServedModels())

    with VlmServer(Script(lambda _: Generated("smile"))) as server:
        outcome = asyncio.run(ask(server))
    assert outcome.reply is not None
    assert outcome.reply.text == "smile"
