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
from descan.collect.questions.pricing import OWN_PRICES, Tokens, compute_cost, estimate_cost, price_version
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
    assert estimate_cost(GPT, Tokens(1000, 200)) == compute_cost(GPT, reply(GPT, input_tokens=1000, output_tokens=200))


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
    assert (estimate_cost(GPT.model_copy(update=changes), Tokens(1000, 200)) is not None) is is_listed


def test_input_that_was_written_to_a_cache_and_read_from_it_costs_what_that_costs() -> None:
    luna = GPT.model_copy(update={"model": "gpt-6-luna"})
    counts = {"input_tokens": 10_000, "cached_tokens": 2000, "cache_write_tokens": 7000, "output_tokens": 0}
    # 1,000 tokens at 0.1, 2,000 read at 0.01 and 7,000 written at 0.125 dollars for a million.
    assert compute_cost(luna, reply(luna, **counts)) == pytest.approx((100 + 20 + 875) / 1_000_000)
    # A model without a price for writing pays the price of input: 8,000 at 2.5, and 2,000 read at 1.25.
    assert compute_cost(GPT, reply(GPT, **counts)) == pytest.approx((20_000 + 2500) / 1_000_000)


@pytest.mark.parametrize(("asked", "served", "share"), [("flex", "flex", 0.5), ("flex", "default", 1), (None, "", 1)])
def test_the_tier_that_served_a_reply_sets_its_price(asked: str | None, served: str, share: float) -> None:
    settings = GPT.model_copy(update={"model": "o4-mini", "service_tier": asked})
    counts = {"input_tokens": 1000, "output_tokens": 200}
    answer = Reply(Status.OK, "", served_model="o4-mini", service_tier=served, **counts)  # type: ignore[arg-type]
    usual = compute_cost(settings.model_copy(update={"service_tier": None}), reply(settings, **counts))
    assert usual
    assert compute_cost(settings, answer) == pytest.approx(share * usual)


def test_what_a_faster_tier_costs_is_unknown() -> None:
    answer = Reply(Status.OK, "", served_model=GPT.model, service_tier="priority", input_tokens=9, output_tokens=9)
    assert compute_cost(GPT, answer) is None


def test_the_runs_own_prices_take_the_place_of_the_list() -> None:
    gateway = {"provider": "openai", "model": "qwen", "base_url": "http://localhost:8000/v1"}
    settings = ModelSettings.model_validate({**gateway, "price_in": 0.2, "price_out": 0.6})
    answer = reply(settings, input_tokens=1000, output_tokens=100, thinking_tokens=50)
    # 1,000 x 0.2 + (100 + 50) x 0.6 = 290 dollars for a million of such answers.
    assert compute_cost(settings, answer) == pytest.approx(290e-6)
    thinking = ModelSettings.model_validate({**gateway, "price_in": 0.2, "price_out": 0.6, "price_thinking": 0.1})
    assert compute_cost(thinking, answer) == pytest.approx((200 + 60 + 5) * 1e-6)
    # 300 read at 0.02, 200 written at 0.25, and 500 at 0.2: without prices of their own all 1,000 cost 0.2.
    cached = Reply(
        Status.OK,
        "",
        input_tokens=1000,
        output_tokens=100,
        thinking_tokens=50,
        cached_tokens=300,
        cache_write_tokens=200,
    )
    assert compute_cost(settings, cached) == pytest.approx(290e-6)
    cache_prices = {"price_cache_read": 0.02, "price_cache_write": 0.25}
    caching = ModelSettings.model_validate({**gateway, "price_in": 0.2, "price_out": 0.6, **cache_prices})
    assert compute_cost(caching, cached) == pytest.approx((100 + 6 + 50 + 90) * 1e-6)
    assert caching.params_sha256(None) == settings.params_sha256(None)
    assert price_version(settings) == OWN_PRICES
    free = ModelSettings.model_validate({**gateway, "price_in": 0, "price_out": 0})
    assert compute_cost(free, answer) == 0
    assert settings.params_sha256(None) == ModelSettings.model_validate(gateway).params_sha256(None)


@pytest.mark.parametrize("prices", [{"price_in": 1}, {"price_out": 1}, {"price_thinking": 1}, {"price_cache_read": 1}])
def test_prices_that_are_not_complete_are_refused(prices: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="'m' has incomplete prices; give price_in and price_out"):
        ModelSettings.model_validate({"provider": "openai", "model": "m", **prices})


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
    assert compute_cost(GPT, served) == estimate_cost(mini, Tokens(1000, 200))
    assert compute_cost(GPT, unknown) == estimate_cost(GPT, Tokens(1000, 200))


def test_the_list_is_named_with_its_version() -> None:
    name, version = price_version(GPT).split()
    assert name == "genai-prices"
    assert version[0].isdigit()


def test_the_list_is_not_loaded_before_a_price_is_asked_for() -> None:
    code = "import sys, descan.collect.questions.pricing; print('genai_prices' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
