"""Which setting a server means that refuses a parameter by its name, and what to type to leave it out."""

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from descan.collect.providers.bodies import Body
from descan.collect.providers.faults import list_field_problems
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import CallError, FaultScope

_REFUSABLE = ("400", "422")
_REFUSAL = re.compile(
    r"unsupported|not support|not permitted|not enabled|unknown|unrecognized|unexpected|cannot find field|invalid"
    r"|only (?:the default|works)",
    re.IGNORECASE,
)

_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "temperature": "temperature",
        "topp": "top_p",
        "seed": "seed",
        "reasoningeffort": "thinking",
        "reasoning": "thinking",
        "effort": "thinking",
        "thinking": "thinking",
        "thinkingconfig": "thinking",
        "thinkingbudget": "thinking",
        "thinkinglevel": "thinking",
        "think": "thinking",
        "verbosity": "verbosity",
        "servicetier": "service_tier",
        "detail": "detail",
        "mediaresolution": "media_resolution",
        "systeminstruction": "system",
        "instructions": "system",
        "system": "system",
        "maxcompletiontokens": "max_tokens",
        "maxoutputtokens": "max_tokens",
        "maxtokens": "max_tokens",
    }
)
"""What the protocols call a parameter, in lower case and without `_` -> the setting."""

_PHRASES: Mapping[str, str] = MappingProxyType(
    {
        "thinking level": "thinking",
        "thinking budget": "thinking",
        "thinking mode": "thinking",
        "media resolution": "media_resolution",
        "developer instruction": "system",
        "system instruction": "system",
        "service tier": "service_tier",
    }
)
_QUOTED = re.compile(r"[\"'`]([\w.]+)[\"'`]")
_WORD = re.compile(r"(?<![\w-])[A-Za-z]\w*(?![\w-])")


def name_refused_setting(error: CallError, settings: ModelSettings) -> CallError:
    """Say of a refused request which of the user's settings to leave out, if the server names its parameter.

    Such a fault meets every item, so it ends the model. Nothing is left out by itself: that would be another question.

    Args:
        error: The fault, which is changed.
        settings: With which the request was made.
    """
    if not error.code.startswith(_REFUSABLE):
        return error
    name = next((name for name in _list_named(error, str(error)) if getattr(settings, name) is not None), None)
    if name is None:
        return error
    label = settings.label
    advice = f"if it may be left out: --set '{label}.{name}='"
    if name == "max_tokens" and settings.provider == "openai" and settings.api == "chat":
        other = "max_tokens" if settings.token_field == "max_completion_tokens" else "max_completion_tokens"
        advice = f"{advice}; if the server calls the limit otherwise: --set '{label}.token_field={other}'"
    error.scope, error.blame = FaultScope.MODEL, "parameter"
    error.advice = f"the server refuses {name}; {advice}"
    return error


def _list_named(error: CallError, words: str) -> Iterator[str]:
    """Yield the settings that a fault names: its own fields first, then what is quoted in its words, then any word."""
    body = _read_body(error)
    for names, _ in list_field_problems(body):
        yield from _find_settings(reversed(names))
    if not _REFUSAL.search(words):
        return
    yield from _find_settings([body.text("error", "param"), *_QUOTED.findall(words)])
    yield from (setting for phrase, setting in _PHRASES.items() if phrase in words.lower())
    # What is said of a picture may have such a word in another sense, as in "no detail can be seen".
    if error.blame != "picture":
        yield from _find_settings(_WORD.findall(words))


def _find_settings(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        last = name.rpartition(".")[2].replace("_", "").lower()
        if last in _NAMES:
            yield _NAMES[last]


def _read_body(error: CallError) -> Body:
    try:
        return Body.parse(error.body)
    except CallError:
        return Body(None)
