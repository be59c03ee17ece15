"""What a reply costs, by the price list of genai-prices."""

import os
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version

from descan.collect.providers.access import GEMINI, OPENAI, has_list_price
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import Reply

BATCH_SHARE = 0.5
"""Of the online price, where the list has no batch price of its own for a model."""

_SELLERS = {"gemini": ("google", GEMINI), "openai": ("openai", OPENAI)}


@cache
def price_version() -> str:
    """Name the price list, as in `genai-prices 0.2.3`."""
    return f"genai-prices {version('genai-prices')}"


def cost_usd(settings: ModelSettings, reply: Reply, *, is_batch: bool = False) -> float | None:
    """Give what a reply cost in USD, or None where that is unknown: never 0 for unknown.

    It is the price of the requested model, unless another was served and has a price. Thinking is paid for as output,
    cached input at its own price.

    Args:
        settings: Of the model; a server of someone else's has no known price.
        reply: With its token counts; without those of input and output its cost is unknown.
        is_batch: Whether it came in a batch.
    """
    if reply.input_tokens is None or (reply.output_tokens is None and reply.thinking_tokens is None):
        return None
    output_tokens = (reply.output_tokens or 0) + (reply.thinking_tokens or 0)
    for model in (reply.served_model, settings.model):
        cost = _price_usd(
            settings, model, reply.input_tokens, reply.cached_tokens or 0, output_tokens, is_batch=is_batch
        )
        if cost is not None:
            return cost
    return None


def estimated_usd(
    settings: ModelSettings, input_tokens: int, output_tokens: int, *, is_batch: bool = False
) -> float | None:
    """Give what so many tokens, thinking among those of the output, would cost in USD, or None where unknown."""
    return _price_usd(settings, settings.model, input_tokens, 0, output_tokens, is_batch=is_batch)


def _price_usd(
    settings: ModelSettings, model: str, input_tokens: int, cached_tokens: int, output_tokens: int, *, is_batch: bool
) -> float | None:
    seller, service = _SELLERS[settings.provider]
    if not model or not has_list_price(settings, os.environ, service):
        return None
    cached_tokens = min(cached_tokens, input_tokens)
    return _list_price_usd(
        seller, model.removeprefix("models/"), input_tokens, cached_tokens, output_tokens, is_batch=is_batch
    )


def _list_price_usd(
    seller: str, model: str, input_tokens: int, cached_tokens: int, output_tokens: int, *, is_batch: bool
) -> float | None:
    # Imported here, since it takes a quarter of a second.
    from genai_prices import Usage, calc_price

    if not _is_listed(seller, model):
        return None
    usage = Usage(input_tokens=input_tokens, cache_read_tokens=cached_tokens, output_tokens=output_tokens)
    now = datetime.now(UTC)
    online = calc_price(usage, model, provider_id=seller, genai_request_timestamp=now)
    if not is_batch:
        return float(online.total_price)
    batch = calc_price(
        usage, model, provider_id=seller, genai_request_timestamp=now, price_context={"processing": "batch"}
    )
    is_discounted = batch.model_price != online.model_price
    return float(batch.total_price) if is_discounted else float(online.total_price) * BATCH_SHARE


@cache
def _is_listed(seller: str, model: str) -> bool:
    from genai_prices import Usage, calc_price

    try:
        calc_price(Usage(), model, provider_id=seller)
    except LookupError:
        return False
    return True
