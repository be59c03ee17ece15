"""What a reply costs, against prices worked out by hand from the list itself."""

import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from genai_prices import data_snapshot
from genai_prices.types import ModelPrice

from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import Reply
from descan.collect.questions.pricing import compute_cost, estimate_cost, price_version
from descan.records import Status

GPT = ModelSettings(provider="openai", model="gpt-4o-2024-11-20")
FLASH = ModelSettings(provider="gemini", model="gemini-2.5-flash")


def listed(settings: ModelSettings) -> ModelPrice:
    """Return the prices per million tokens that hold now."""
    seller = "google" if settings.provider == "gemini" else "openai"
    _, model = data_snapshot.get_snapshot().find_provider_model(settings.model, None, seller, None)
    return model.get_prices(datetime.now(UTC))


def reply(settings: ModelSettings, **counts: int | None) -> Reply:
    return Reply(Status.OK, "A smile.", served_model=settings.model, **counts)  # type: ignore[arg-type]


@pytest.mark.parametrize("settings", [GPT, FLASH], ids=["openai", "gemini"])
def test_thinking_is_paid_as_output_and_cached_input_at_its_own_price(settings: ModelSettings) -> None:
    price = listed(settings)
    assert isinstance(price.input_mtok, Decimal)
    assert isinstance(price.output_mtok, Decimal)
    assert isinstance(price.cache_read_mtok, Decimal)
    # (1,000 - 400) fresh + 400 cached tokens in, 50 + 150 out, each by its price for a million.
    wanted = (600 * price.input_mtok + 400 * price.cache_read_mtok + 200 * price.output_mtok) / 1_000_000
    found = compute_cost(
        settings, reply(settings, input_tokens=1000, cached_tokens=400, output_tokens=50, thinking_tokens=150)
    )
    assert found == pytest.approx(float(wanted))


@pytest.mark.parametrize("settings", [GPT, GPT.model_copy(update={"model": "o4-mini"})])
def test_a_batch_costs_half(settings: ModelSettings) -> None:
    answer = reply(settings, input_tokens=1000, output_tokens=200)
    online, batch = compute_cost(settings, answer), compute_cost(settings, answer, is_batch=True)
    assert online
    assert batch == pytest.approx(online / 2)


def test_an_estimate_is_the_price_of_so_many_tokens() -> None:
    assert estimate_cost(GPT, 1000, 200) == compute_cost(GPT, reply(GPT, input_tokens=1000, output_tokens=200))


@pytest.mark.parametrize(
    ("changes", "served", "counts"),
    [
        ({"model": "a-model-nobody-knows"}, "a-model-nobody-knows", {"input_tokens": 1, "output_tokens": 1}),
        ({"base_url": "http://localhost:8000/v1"}, GPT.model, {"input_tokens": 1, "output_tokens": 1}),
        ({}, GPT.model, {"input_tokens": None, "output_tokens": 5}),
        ({}, GPT.model, {"input_tokens": 5, "output_tokens": None}),
    ],
    ids=["unknown model", "other server", "no input count", "no output count"],
)
def test_an_unknown_cost_is_none_and_never_0(
    changes: dict[str, str], served: str, counts: dict[str, int | None]
) -> None:
    settings = GPT.model_copy(update=changes)
    answer = Reply(Status.OK, "A smile.", served_model=served, **counts)  # type: ignore[arg-type]
    assert compute_cost(settings, answer) is None
    assert compute_cost(settings, answer, is_batch=True) is None


@pytest.mark.parametrize(
    ("url", "changes", "is_listed"),
    [
        ("http://127.0.0.1:8000/v1", {}, False),
        ("https://gateway.example/v1", {}, False),
        ("https://gateway.example/v1", {"list_price": True}, True),
        ("https://eu.api.openai.com/v1", {}, True),
        ("http://127.0.0.1:8000/v1", {"base_url": "https://api.openai.com/v1"}, True),
        ("", {}, True),
        ("", {"list_price": False}, False),
    ],
)
def test_the_list_prices_what_is_asked_at_the_providers_own_address(
    monkeypatch: pytest.MonkeyPatch, url: str, changes: dict[str, object], is_listed: bool
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    assert (estimate_cost(GPT.model_copy(update=changes), 1000, 200) is not None) is is_listed


def test_a_blocked_reply_costs_its_input() -> None:
    price = listed(FLASH)
    assert isinstance(price.input_mtok, Decimal)
    answer = reply(FLASH, input_tokens=1000, output_tokens=None, thinking_tokens=0)
    assert compute_cost(FLASH, answer) == pytest.approx(float(price.input_mtok) / 1000)


def test_the_served_model_sets_the_price_where_it_is_known() -> None:
    counts = {"input_tokens": 1000, "output_tokens": 200}
    served = Reply(Status.OK, "", served_model="gpt-4o-mini", **counts)  # type: ignore[arg-type]
    unknown = Reply(Status.OK, "", served_model="mystery", **counts)  # type: ignore[arg-type]
    mini = GPT.model_copy(update={"model": "gpt-4o-mini"})
    assert compute_cost(GPT, served) == estimate_cost(mini, 1000, 200)
    assert compute_cost(GPT, unknown) == estimate_cost(GPT, 1000, 200)


def test_the_list_is_named_with_its_version() -> None:
    name, version = price_version().split()
    assert name == "genai-prices"
    assert version[0].isdigit()


def test_the_list_is_not_loaded_before_a_price_is_asked_for() -> None:
    code = "import sys, descan.collect.questions.pricing; print('genai_prices' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
