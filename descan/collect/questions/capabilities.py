"""What is known about models before they are asked: what they take and refuse, whether they think, when they end."""

import os
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from descan.collect.providers.access import SERVICES, has_list_price
from descan.collect.providers.decisions import Way
from descan.collect.providers.model_settings import ModelSettings, ProviderName
from descan.collect.questions.picture_tokens import ClipRule, PictureRule, Range
from descan.errors import OptionError, quote
from descan.records import Mode

PARAMETERS = (
    "temperature",
    "top_p",
    "seed",
    "max_tokens",
    "system",
    "thinking",
    "detail",
    "media_resolution",
    "verbosity",
    "service_tier",
)
"""What a family says something about, each in one of its lists, unless the protocol lacks it."""

WARN_DAYS = 60
"""A model that ends within these days is named in the plan."""

_ONLY_VALUE = 1.0
"""Of a sampling parameter that is refused: its default may be given."""


class Family(BaseModel):
    """What the models of one family have in common; models.toml says what each key means."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    provider: ProviderName
    pattern: str
    pictures: str
    clips: str = ""
    is_known: bool = True
    left: tuple[str, str] = ("none", "none")
    levels: tuple[str, ...] | None = None
    responses_levels: tuple[str, ...] = ()
    budget: tuple[int, int] | None = None
    takes: tuple[str, ...] = ()
    refuses: tuple[str, ...] = ()
    refuses_while_thinking: tuple[str, ...] = ()
    ignores: tuple[str, ...] = ()
    discourages: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    apis: tuple[str, ...] = ()
    token_field: str = ""
    details: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    writes_cache: bool = False
    ways: tuple[Way, ...] = (Way.SCHEMA,)
    only_decides: bool = False
    sources: Mapping[str, str] = {}
    source: str
    as_of: date


class Protocol(BaseModel):
    """What a provider's protocol has no field for, and where to check what families say of a parameter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lacks: tuple[str, ...]
    responses_lacks: tuple[str, ...] = ()
    sources: Mapping[str, str]
    source: str
    as_of: date


class End(BaseModel):
    """The day on which models are no longer there, or another one answers for them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    provider: ProviderName
    pattern: str
    on: date
    replacement: str = ""
    is_rerouted: bool = False
    source: str
    as_of: date


class Lengths(BaseModel):
    """Tokens by what they are of: few and many."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tokens: Mapping[str, Range]
    source: str


class Capabilities(BaseModel):
    """All that models.toml holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    characters_per_token: float
    answer: Lengths
    thinking: Lengths
    pictures: Mapping[str, PictureRule]
    clips: Mapping[str, ClipRule]
    providers: Mapping[ProviderName, Protocol]
    families: tuple[Family, ...]
    ends: tuple[End, ...]


@cache
def load_capabilities() -> Capabilities:
    """Load models.toml."""
    text = (files("descan.collect.questions") / "models.toml").read_text(encoding="utf-8")
    return Capabilities.model_validate(tomllib.loads(text))


def find_family(settings: ModelSettings) -> Family:
    """Return the family of a model by its name, whoever serves it; the provider's last one if none fits."""
    name = _bare_name(settings.model)
    families = load_capabilities().families
    known = (family for family in families if family.is_known and re.fullmatch(family.pattern, name))
    return next(known, None) or next(f for f in families if not f.is_known and f.provider == settings.provider)


def find_served(settings: ModelSettings, today: date) -> ModelSettings:
    """Return the settings with the model that answers on a day, if the run allows it to: names are rerouted."""
    if not has_list_price(settings, os.environ):
        return settings
    name = _bare_name(settings.model)
    while end := next(
        (end for end in _find_ends(settings.provider, name, today) if end.is_rerouted and end.on <= today), None
    ):
        name = end.replacement
    allowed = any(_bare_name(other) == name for other in settings.allow_served)
    return settings.model_copy(update={"model": name}) if allowed else settings


def check_capabilities(settings: ModelSettings) -> None:
    """Check that a model takes its parameters, as far as that is known.

    Only of a model at its provider's own address, or where its list price is paid: another server may translate or
    drop parameters.

    Raises:
        OptionError: If it refuses one; the message says what to type.
    """
    family = find_family(settings)
    if not family.is_known or family.provider != settings.provider or not has_list_price(settings, os.environ):
        return
    for name, problem, allowed in _list_refusals(settings, family):
        value = quote(getattr(settings, name))
        advice = f"leave it out (--set '{settings.label}.{name}=') or use {allowed}" if allowed else ""
        advice = advice or f"leave it out: --set '{settings.label}.{name}='"
        known = _tell_source(family, name)
        raise OptionError("settings", f"{name} {value} of {settings.label} {problem} ({known}); {advice}")
    if family.apis and settings.provider == "openai" and settings.api not in family.apis:
        problem = f"api {quote(settings.api)} of {settings.label} is not one of this model's"
        advice = f"use --set '{settings.label}.api={family.apis[0]}'"
        raise OptionError("settings", f"{problem} ({_tell_source(family, 'api')}); {advice}")


def check_modes(settings: ModelSettings, modes: Collection[Mode]) -> None:
    """Check that a model can be asked in some modes, as far as that is known.

    Raises:
        OptionError: If not; the message says what to type.
    """
    if Mode.DECIDE in modes:
        _check_way(settings)
    others = [mode for mode in modes if mode is not Mode.DECIDE]
    if others and find_family(settings).only_decides:
        problem = f"{', '.join(others)} cannot be asked of {settings.label}, which answers decisions alone"
        raise OptionError("modes", f"{problem}; use {Mode.DECIDE} for it, or another model")


def choose_way(settings: ModelSettings) -> Way:
    """Return how a model is asked in mode `decide`: as its settings say, else the best way that it is known to have.

    A server that is not the provider's own is asked by a schema, which most servers take.
    """
    if settings.decide_way is not None:
        return settings.decide_way
    if not has_list_price(settings, os.environ):
        return Way.SCHEMA
    ways = _list_ways(settings)
    return next(iter(ways), Way.SCHEMA)


def _list_ways(settings: ModelSettings) -> list[Way]:
    """List the ways that a model has, best first."""
    return [way for way in find_family(settings).ways if way is not Way.LOGPROBS or _has_tokens(settings)]


def _has_tokens(settings: ModelSettings) -> bool:
    """Return whether the log probabilities of tokens come back: in Chat Completions alone, without a stream."""
    return settings.provider == "openai" and settings.api == "chat" and not settings.stream


def _check_way(settings: ModelSettings) -> None:
    way, family = settings.decide_way, find_family(settings)
    if way is Way.LOGPROBS and not _has_tokens(settings):
        problem = f"decide_way {quote(way)} of {settings.label} needs OpenAI's Chat Completions, without a stream"
        raise OptionError("settings", f"{problem}; use {Way.SCHEMA}, or api = chat")
    is_known = family.is_known and family.provider == settings.provider and has_list_price(settings, os.environ)
    if is_known and way is not None and way not in (ways := _list_ways(settings)):
        problem = f"decide_way {quote(way)} of {settings.label} is not one of this model's"
        raise OptionError("settings", f"{problem} ({family.source}, {family.as_of}); use {', '.join(ways)}")


def list_remarks(settings: ModelSettings, today: date) -> Iterator[str]:
    """Yield what the user should know about a model before it is asked: settings without effect, and its end."""
    family = find_family(settings)
    if not has_list_price(settings, os.environ):
        yield from _list_ends_elsewhere(settings, today)
        return
    if family.provider == settings.provider:
        for name in family.ignores:
            if getattr(settings, name) is not None:
                yield f"{settings.label}: {name} has no effect on this model ({_tell_source(family, name)})."
        for name in family.discourages:
            if getattr(settings, name) is not None:
                yield f"{settings.label}: its provider advises to leave {name} out ({_tell_source(family, name)})."
        if unknown := ", ".join(name for name in family.unknown if getattr(settings, name) is not None):
            yield f"{settings.label}: no source says whether this model takes {unknown}; sent as set."
    for end in _find_ends(settings.provider, _bare_name(settings.model), today):
        yield f"{settings.label}: {_tell_end(end, today)}"


def expected_thinking(settings: ModelSettings) -> Range:
    """Return the tokens that a model thinks about one question: few and many."""
    levels = load_capabilities().thinking.tokens
    if isinstance(settings.thinking, int):
        return levels["dynamic"] if settings.thinking < 0 else Range(0, settings.thinking)
    if settings.thinking is not None:
        return levels.get(settings.thinking.lower(), levels["max"])
    first, last = find_family(settings).left
    return Range(levels[first].low, levels[last].high)


def _tell_source(family: Family, parameter: str) -> str:
    """Return where to check what is said of a parameter of a family, and when that was last done."""
    protocol = load_capabilities().providers[family.provider]
    if parameter in protocol.sources and parameter not in family.sources:
        return f"{protocol.sources[parameter]}, {protocol.as_of}"
    return f"{family.sources.get(parameter, family.source)}, {family.as_of}"


def _list_refusals(settings: ModelSettings, family: Family) -> Iterator[tuple[str, str, str]]:
    """Yield the setting that is refused, why, and what is allowed."""
    is_thinking = (settings.thinking if settings.thinking is not None else family.left[0]) not in ("none", 0)
    for name in (*family.refuses, *(family.refuses_while_thinking if is_thinking else ())):
        if getattr(settings, name) not in (None, _ONLY_VALUE):
            why = "" if name in family.refuses else " while it thinks"
            yield name, f"is refused by this model{why}", "" if name in family.refuses else "thinking = none"
    yield from _list_thinking_refusals(settings, family)
    if family.details and settings.detail and settings.detail not in family.details:
        yield "detail", "is not one of this model's", ", ".join(family.details)
    if family.tiers and settings.service_tier and settings.service_tier not in family.tiers:
        yield "service_tier", "is not one of this model's", ", ".join(family.tiers)
    is_chat = settings.provider == "openai" and settings.api == "chat"
    if family.token_field and settings.max_tokens and is_chat and settings.token_field != family.token_field:
        yield "token_field", "is refused by this model", family.token_field


def _list_thinking_refusals(settings: ModelSettings, family: Family) -> Iterator[tuple[str, str, str]]:
    thinking = settings.thinking
    of_responses = family.responses_levels if settings.api == "responses" else ()
    if (
        isinstance(thinking, str)
        and family.levels is not None
        and thinking.lower() not in (*family.levels, *of_responses)
    ):
        allowed = ", ".join((*family.levels, *of_responses))
        if family.budget:
            allowed = f"a number of tokens, {family.budget[0]} to {family.budget[1]}, or -1"
        elif thinking.lower() in family.responses_levels:
            allowed += f", or {thinking.lower()} with api = responses"
        yield "thinking", "is not a level of this model", allowed
    if isinstance(thinking, int) and family.budget and thinking != -1:
        low, high = family.budget
        if not low <= thinking <= high:
            yield "thinking", "is not a budget of this model", f"{low} to {high}, or -1"


def _list_ends_elsewhere(settings: ModelSettings, today: date) -> Iterator[str]:
    """Yield the ends of models that have the name of one behind another address, which may forward to it or not."""
    for provider, service in SERVICES.items():
        for end in _find_ends(provider, _bare_name(settings.model), today):
            yield f"{settings.label}: if its address forwards to {service.owner}, {_tell_end(end, today)}"


def _tell_end(end: End, today: date) -> str:
    is_over = end.on <= today
    if end.is_rerouted:
        what = f"{'since' if is_over else 'from'} {end.on} {end.replacement} answers for it, at its own price"
    else:
        follows = f"{end.replacement} follows" if end.replacement else "no replacement is named"
        what = f"it {'ended' if is_over else 'ends'} on {end.on}; {follows}"
    return f"{what} ({end.source})."


def _find_ends(provider: ProviderName, name: str, today: date) -> Iterator[End]:
    """Yield the ends of a model that are past, or near enough to be named."""
    for end in load_capabilities().ends:
        is_near = (end.on - today).days <= WARN_DAYS
        if is_near and end.provider == provider and re.fullmatch(end.pattern, name):
            yield end


def _bare_name(model: str) -> str:
    """Return the name without the folders that gateways and Gemini put before it."""
    return model.rpartition("/")[2]
