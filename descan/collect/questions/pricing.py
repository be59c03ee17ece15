"""What a reply costs: by the run's own prices, or by the price list of genai-prices."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from importlib.metadata import version

from descan.collect.providers.access import SERVICES, has_list_price
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import Reply

DISCOUNT_SHARE = 0.5
"""Of the online price, in batches and on the flex tier, where the list has no batch price for a model."""

OWN_PRICES = "own prices"
"""The `price_version` of costs by `price_in` and `price_out`."""

_PER_MILLION = 1e-6
_STANDARD = ("", "default", "standard", "auto", "unspecified")
_FLEX = "flex"


@dataclass(frozen=True, slots=True)
class Tokens:
    """What is paid for.

    Attributes:
        n_input: All input.
        n_output: Of the answer, without thinking.
        n_thinking: Of the model's thinking.
        n_cached: Of the input, those that were read from a cache.
        n_cache_written: Of the input, those that were written to a cache.
    """

    n_input: int
    n_output: int
    n_thinking: int = 0
    n_cached: int = 0
    n_cache_written: int = 0


@cache
def price_version(settings: ModelSettings) -> str:
    """Return where the prices of a model come from: a list such as `genai-prices 0.2.3`, or `own prices`."""
    return OWN_PRICES if settings.price_in is not None else f"genai-prices {version('genai-prices')}"


def compute_cost(settings: ModelSettings, reply: Reply, *, is_batch: bool = False) -> float | None:
    """Return what a reply cost in USD, or None if that is unknown.

    This is the price of the model that answered if it has one, else of the requested model. Thinking costs as much as
    output; input that was read from a cache, or written to one, has its own price.

    Args:
        settings: Of the model; the price at a server other than the provider's own is unknown unless it is given.
        reply: Without counts of input and output tokens its cost is unknown.
        is_batch: Whether it came in a batch.
    """
    if reply.input_tokens is None or (reply.output_tokens is None and reply.thinking_tokens is None):
        return None
    tokens = Tokens(
        reply.input_tokens,
        reply.output_tokens or 0,
        reply.thinking_tokens or 0,
        reply.cached_tokens or 0,
        reply.cache_write_tokens or 0,
    )
    tier = reply.service_tier or settings.service_tier or ""
    for model in (reply.served_model, settings.model):
        cost = _price(settings, model, tokens, tier=tier, is_batch=is_batch)
        if cost is not None:
            return cost
    return None


def estimate_cost(settings: ModelSettings, tokens: Tokens, *, is_batch: bool = False) -> float | None:
    """Return what tokens would cost in USD, or None if unknown."""
    return _price(settings, settings.model, tokens, tier=settings.service_tier or "", is_batch=is_batch)


def is_priced(settings: ModelSettings, *, is_batch: bool = False) -> bool:
    """Return whether the price of a model is known."""
    return estimate_cost(settings, Tokens(1, 1), is_batch=is_batch) is not None


def _price(settings: ModelSettings, model: str, tokens: Tokens, *, tier: str, is_batch: bool) -> float | None:
    if settings.price_in is not None and settings.price_out is not None:
        return _apply_own_prices(settings, tokens, settings.price_in, settings.price_out)
    if tier.lower() not in (*_STANDARD, _FLEX) and not is_batch:
        return None  # The list has no prices of faster tiers.
    return _look_up(settings, model, tokens, is_discounted=is_batch or tier.lower() == _FLEX)


def _apply_own_prices(settings: ModelSettings, tokens: Tokens, price_in: float, price_out: float) -> float:
    n_cached = min(tokens.n_cached, tokens.n_input)
    n_written = min(tokens.n_cache_written, tokens.n_input - n_cached)
    costs = (
        (tokens.n_input - n_cached - n_written) * price_in,
        n_cached * (price_in if settings.price_cache_read is None else settings.price_cache_read),
        n_written * (price_in if settings.price_cache_write is None else settings.price_cache_write),
        tokens.n_output * price_out,
        tokens.n_thinking * (price_out if settings.price_thinking is None else settings.price_thinking),
    )
    return sum(costs) * _PER_MILLION


def _look_up(settings: ModelSettings, model: str, tokens: Tokens, *, is_discounted: bool) -> float | None:
    seller, name = SERVICES[settings.provider].seller, model.removeprefix("models/")
    if not name or not has_list_price(settings, os.environ):
        return None
    # Imported here because it takes a quarter of a second.
    from genai_prices import Usage, calc_price

    n_cached = min(tokens.n_cached, tokens.n_input)
    usage = Usage(
        input_tokens=tokens.n_input,
        cache_read_tokens=n_cached,
        cache_write_tokens=min(tokens.n_cache_written, tokens.n_input - n_cached),
        output_tokens=tokens.n_output + tokens.n_thinking,
    )
    calculate = partial(calc_price, usage, name, provider_id=seller, genai_request_timestamp=datetime.now(UTC))
    try:
        online = calculate()
    except LookupError:
        return None
    if not is_discounted:
        return float(online.total_price)
    batch = calculate(price_context={"processing": "batch"})
    has_price = batch.model_price != online.model_price
    return float(batch.total_price) if has_price else float(online.total_price) * DISCOUNT_SHARE
