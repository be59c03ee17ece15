"""Bounds are kept before they are passed."""

import asyncio
from pathlib import Path

import pytest

from descan.collect.asking.budget import Budget, BudgetReached, ShareUsed, divide_fairly
from descan.records import Mode
from tests.collect.collectors import LISTED, MODELS, draw_pictures, read_lines
from tests.collect.conftest import Collect
from tests.vlm_server import FaultRule, Script, VlmServer

PRICE = ("m", Mode.DESCRIBE)
OTHER = ("n", Mode.DESCRIBE)


@pytest.mark.parametrize("costs", [[0.01] * 40, [0.01, 0.03, 0.02] * 10, [0.05, 0.001] * 20])
@pytest.mark.parametrize("n_at_once", [1, 7])
def test_what_is_under_way_counts_with_the_highest_cost_so_far(costs: list[float], n_at_once: int) -> None:
    async def spend() -> Budget:
        budget, waiting = Budget(0.2, None, {PRICE: 0.001}), iter(costs)

        async def work() -> None:
            for cost in waiting:
                await budget.reserve(PRICE)
                await asyncio.sleep(0)
                budget.settle(PRICE, cost)

        results = await asyncio.gather(*(work() for _ in range(n_at_once)), return_exceptions=True)
        assert all(isinstance(result, BudgetReached) for result in results)
        return budget

    budget = asyncio.run(spend())
    # It may be passed by no more than what an answer costs above the highest one before it.
    assert 0.2 - 2 * max(costs) < budget.spent_usd <= 0.2 + max(costs) - costs[0] + 1e-9


def test_until_the_first_of_a_kind_is_back_it_goes_alone() -> None:
    async def reserve() -> list[bool]:
        budget = Budget(1.0, None, {PRICE: None, OTHER: 0.1})
        await budget.reserve(PRICE)
        await budget.reserve(OTHER)
        second = asyncio.create_task(budget.reserve(PRICE))
        await asyncio.sleep(0)
        states = [second.done()]
        budget.settle(PRICE, 0.2)
        await asyncio.sleep(0.01)
        states.append(second.done())
        await budget.reserve(PRICE)
        return states

    assert asyncio.run(reserve()) == [False, True]


def test_an_answer_of_unknown_cost_counts_as_the_highest_and_one_that_failed_as_nothing() -> None:
    async def spend() -> float:
        budget = Budget(1.0, None, {PRICE: 0.1})
        for cost in (0.3, None, 0.0):
            await budget.reserve(PRICE)
            budget.settle(PRICE, cost)
        return budget.spent_usd

    assert asyncio.run(spend()) == pytest.approx(0.6)


def test_the_message_names_the_bound() -> None:
    async def reserve() -> None:
        await Budget(0.01, None, {PRICE: 0.02}).reserve(PRICE)

    with pytest.raises(BudgetReached, match=r"^--max-cost 0.01 is reached: 0.0000 USD are spent$"):
        asyncio.run(reserve())
    budget = Budget(None, 2, {}, {"m": 9})
    budget.count_request("m")
    budget.count_request("m")
    with pytest.raises(BudgetReached, match=r"^--max-requests 2 is reached$"):
        budget.count_request("m")


@pytest.mark.parametrize(
    ("n", "needs", "shares"),
    [
        (10, {"a": 100, "b": 100}, {"a": 5, "b": 5}),
        (11, {"a": 100, "b": 100}, {"a": 6, "b": 5}),
        # b needs 2 only, so 9 are left for a and c.
        (11, {"a": 100, "b": 2, "c": 100}, {"a": 5, "b": 2, "c": 4}),
        (1, {"a": 100, "b": 100}, {"a": 1, "b": 0}),
        (50, {"a": 3, "b": 0}, {"a": 3, "b": 0}),
        (5, {}, {}),
    ],
)
def test_requests_are_divided_fairly(n: int, needs: dict[str, int], shares: dict[str, int]) -> None:
    assert divide_fairly(n, needs) == shares


def test_what_a_model_leaves_of_its_share_goes_to_the_others() -> None:
    budget = Budget(None, 4, {}, {"a": 9, "b": 9})
    for name in "ab":
        budget.count_request(name)
        budget.count_request(name) if name == "a" else None
    with pytest.raises(ShareUsed):
        budget.count_request("a")
    budget.release("b")
    budget.count_request("a")
    with pytest.raises(ShareUsed):
        budget.count_request("a")


def test_a_bound_on_requests_leaves_as_many_answers_of_each_model(
    collect: Collect, faces: Path, tmp_path: Path
) -> None:
    out = tmp_path / "corpus"
    with VlmServer() as server:
        # One model asks one item after the other, the other all at once.
        pace = ("--set", "gpt-4o-2024-11-20.concurrency=1")
        outcome = collect(faces, "--out", out, *MODELS, *pace, "--max-requests", 20, server=server)
        assert server.counts.paid_by_model == {"gpt-4o-2024-11-20": 10, "gemini-2.5-flash": 10}
    assert outcome.code == 1
    assert "--max-requests 20 is reached. 36 answers are left" in outcome.err


@pytest.mark.parametrize("n_requests", [1, 5, 28])
def test_no_request_is_sent_beyond_max_requests_and_retries_count(
    collect: Collect, faces: Path, tmp_path: Path, n_requests: int
) -> None:
    out = tmp_path / "corpus"
    with VlmServer(Script(faults=(FaultRule("400_image", numbers=(2,)),))) as server:
        outcome = collect(
            faces, "--out", out, *MODELS, "--mode", "classify", "--max-requests", n_requests, server=server
        )
        assert server.counts.n_requests == n_requests
        n_left = 28 - n_requests
        assert outcome.code == (1 if n_left else 0)
        if n_left:
            reason = f"--max-requests {n_requests} is reached. {n_left} answers are left; "
            assert outcome.err.splitlines()[-1].startswith(f"descan: {reason}")
        assert len(read_lines(out / "answers.jsonl")) == n_requests - (n_requests > 1)


def test_no_more_is_spent_than_max_cost_and_the_next_call_goes_on(collect: Collect, tmp_path: Path) -> None:
    faces, out = draw_pictures(tmp_path / "faces", 40), tmp_path / "corpus"
    with VlmServer(latency_s=0.01) as server:
        arguments = (faces, "--out", out, *MODELS[:2], *LISTED, "--mode", "classify", "--max-cost")
        outcome = collect(*arguments, 0.01, server=server)
        spent = sum(cells["cost_usd"] for cells in read_lines(out / "answers.jsonl"))
        assert outcome.code == 1
        assert "--max-cost 0.01 is reached: " in outcome.err
        assert 0.005 < spent <= 0.01
        assert collect(*arguments, 1, server=server).code == 0
        assert server.counts.n_paid == 40


@pytest.mark.parametrize("model", ["openai:nobody-knows", "openai:gpt-4o-2024-11-20"], ids=["no price", "not OpenAI"])
def test_a_bound_that_cannot_be_kept_is_refused(collect: Collect, faces: Path, tmp_path: Path, model: str) -> None:
    options = (*LISTED, "--max-cost", 1) if "nobody" in model else ("--max-cost", 1)
    with VlmServer() as server:
        outcome = collect(faces, "--out", tmp_path / "c", "--model", model, *options, server=server)
        assert server.counts.n_requests == 0
    assert outcome.code == 1
    assert outcome.err == (
        f"descan: --max-cost cannot be kept: the price of {model.partition(':')[2]} is unknown; limit the requests, "
        "give price_in, or set list_price=true where the list's price is paid\n"
    )
