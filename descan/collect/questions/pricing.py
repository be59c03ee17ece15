"""What a reply costs, by the price list of genai-prices."""

import os
from datetime import UTC, datetime
from functools import cache, partial
from importlib.metadata import version

from descan.collect.providers.access import SERVICES, has_list_price
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import Reply

BATCH_SHARE = 0.5
"""Of the online price, where the list has no batch price for a model."""


@cache
def price_version() -> str:
    """Return the name of the price list, such as `genai-prices 0.2.3`."""
    return f"genai-prices {version('genai-prices')}"


def compute_cost(settings: ModelSettings, reply: Reply, *, is_batch: bool = False) -> float | None:
    """Return what a reply cost in USD, or None if that is unknown.

    This is the price of the model that answered if it has one, else of the requested model. Thinking costs as much as
    output; cached input has its own price.

    Args:
        settings: Of the model; the price at a server other than the provider's own is unknown.
        reply: Without counts of input and output tokens its cost is unknown.
        is_batch: Whether it came in a batch.
    """
    if reply.input_tokens is None or (reply.output_tokens is None and reply.thinking_tokens is None):
        return None
    n_out = (reply.output_tokens or 0) + (reply.thinking_tokens or 0)
    for model in (reply.served_model, settings.model):
        cost = _look_up(
            settings, model, reply.input_tokens, n_out, n_cached=reply.cached_tokens or 0, is_batch=is_batch
        )
        if cost is not None:
            return cost
    return None


def estimate_cost(
    settings: ModelSettings, input_tokens: int, output_tokens: int, *, is_batch: bool = False
) -> float | None:
    """Return what tokens would cost in USD, or None if unknown; thinking is part of the output."""
    return _look_up(settings, settings.model, input_tokens, output_tokens, is_batch=is_batch)


def _look_up(
    settings: ModelSettings, model: str, n_in: int, n_out: int, *, n_cached: int = 0, is_batch: bool
) -> float | None:
    seller, name = SERVICES[settings.provider].seller, model.removeprefix("models/")
    if not name or not has_list_price(settings, os.environ):
        return None
    # Imported here because it takes a quarter of a second.
    from genai_prices import Usage, calc_price

    usage = Usage(input_tokens=n_in, cache_read_tokens=min(n_cached, n_in), output_tokens=n_out)
    calculate = partial(calc_price, usage, name, provider_id=seller, genai_request_timestamp=datetime.now(UTC))
    try:
        online = calculate()
    except LookupError:
        return None
    if not is_batch:
        return float(online.total_price)
    batch = calculate(price_context={"processing": "batch"})
    is_discounted = batch.model_price != online.model_price
    return float(batch.total_price) if is_discounted else float(online.total_price) * BATCH_SHARE
