"""The body of a request to Gemini.

Written as the API takes it, because the SDK converts each request several times, which takes twice as long as all
else; a test holds both to the same body.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence

from google.genai import types

from descan.collect.providers.model_settings import ModelSettings
from descan.media.media_files import Part

_TIERS = {
    "default": types.ServiceTier.STANDARD,
    "flex": types.ServiceTier.FLEX,
    "priority": types.ServiceTier.PRIORITY,
}

_Object = dict[str, object]


def request_body(
    prompt: str,
    parts: Sequence[_Object],
    settings: ModelSettings,
    *,
    is_service: bool,
    schema: Mapping[str, object] | None = None,
) -> _Object:
    """Return the body of a request; the service itself is told to store nothing, which others may not know.

    Args:
        prompt: The whole text of the prompt.
        parts: The media, from `inline_part` and `file_part`, in their order.
        settings: Of the model.
        is_service: Whether it goes to the service itself.
        schema: The JSON schema of the reply, or None for text.
    """
    system = None if settings.system is None else {"role": "user", "parts": [{"text": settings.system}]}
    wishes: _Object = {
        "systemInstruction": system,
        "generationConfig": _drop_nothing(_generation_config(settings, schema)) or None,
        "serviceTier": _TIERS[settings.service_tier].value if settings.service_tier else None,
        "store": False if is_service else None,
    }
    return {"contents": [{"role": "user", "parts": [*parts, {"text": prompt}]}], **_drop_nothing(wishes)}


def inline_part(part: Part, settings: ModelSettings) -> _Object:
    """Return a picture or a small clip as a part of a request."""
    data = {"mimeType": part.mime_type, "data": b64encode(part.data).decode("ascii")}
    return {"inlineData": data, **_mark_clip(part, settings)}


def file_part(uri: str, part: Part, settings: ModelSettings) -> _Object:
    """Return an uploaded clip as a part of a request."""
    return {"fileData": {"fileUri": uri, "mimeType": part.mime_type}, **_mark_clip(part, settings)}


def _generation_config(settings: ModelSettings, schema: Mapping[str, object] | None) -> _Object:
    thinking: _Object | None = None
    if isinstance(settings.thinking, int):
        thinking = {"thinkingBudget": settings.thinking}
    elif settings.thinking is not None:
        thinking = {"thinkingLevel": types.ThinkingLevel(settings.thinking.upper()).value}
    resolution = None
    if settings.media_resolution is not None:
        resolution = types.MediaResolution(f"MEDIA_RESOLUTION_{settings.media_resolution.upper()}").value
    return {
        "temperature": settings.temperature,
        "topP": settings.top_p,
        "seed": settings.seed,
        "maxOutputTokens": settings.max_tokens,
        "thinkingConfig": thinking,
        "mediaResolution": resolution,
        "responseMimeType": None if schema is None else "application/json",
        "responseSchema": None if schema is None else _api_schema(schema),
    }


def _api_schema(schema: Mapping[str, object]) -> _Object:
    """Return a JSON schema of objects and numbers as the API writes it."""
    written: _Object = {"type": types.Type(str(schema["type"]).upper()).value}
    properties = schema.get("properties")
    if isinstance(properties, Mapping):
        names = list(properties)
        written["properties"] = {name: _api_schema(properties[name]) for name in names}
        written |= {"required": names, "propertyOrdering": names}
    return written | {name: schema[name] for name in ("minimum", "maximum") if name in schema}


def _mark_clip(part: Part, settings: ModelSettings) -> _Object:
    """Say of a clip at which rate its frames are taken; the model must not choose frames for itself."""
    if not part.mime_type.startswith("video/"):
        return {}
    rate: _Object = {} if settings.fps is None else {"videoMetadata": {"fps": settings.fps}}
    return {"mediaProcessing": types.MediaProcessing.STATIC.value, **rate}


def _drop_nothing(wishes: _Object) -> _Object:
    return {name: wish for name, wish in wishes.items() if wish is not None}
