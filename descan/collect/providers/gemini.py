"""Gemini by generateContent."""

import json
import logging
from collections.abc import Mapping

import httpx2
from google import genai
from google.genai import errors, types

from descan.collect.providers.access import GEMINI, find_access
from descan.collect.providers.bodies import Body, BodyError
from descan.collect.providers.faults import FaultReader
from descan.collect.providers.gemini_bodies import read_reply
from descan.collect.providers.gemini_files import GeminiFiles
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import Call, CallError, FaultScope, Part, Provider, Reply
from descan.collect.providers.redaction import Redactor
from descan.errors import InputError

INLINE_BYTES = 20_000_000
"""A request with more is refused; a larger clip goes by the Files API. Base64 counts."""

SHORTEST_TIMEOUT_S = 60.0
"""The SDK tells the server the timeout, which gives up before it would answer if that is short."""

_REQUEST_OVERHEAD_BYTES = 100_000


def check_settings(settings: ModelSettings) -> None:
    """Check what only this provider knows.

    Raises:
        InputError: If a setting is not one for Gemini.
    """
    for name, wish in (("api", settings.api != "chat"), ("detail", settings.detail is not None)):
        if wish:
            raise InputError(None, f"{name} {getattr(settings, name)} of {settings.label} is for OpenAI; drop it")
    levels = [level.lower() for level in types.ThinkingLevel if "UNSPECIFIED" not in level]
    if isinstance(settings.thinking, str) and settings.thinking.lower() not in levels:
        problem = f"thinking {settings.thinking!r} of {settings.label} is unknown; use one of {', '.join(levels)}"
        raise InputError(None, f"{problem}, or a number of tokens")


def make_provider(
    settings: ModelSettings, http_client: httpx2.AsyncClient, environ: Mapping[str, str]
) -> "GeminiProvider":
    """Make the provider that asks the server of a model.

    Raises:
        SetupError: If its key is missing.
    """
    access = find_access(settings, environ, GEMINI)
    # At a finer level the SDK may log requests, with pictures and prompts.
    logging.getLogger("google_genai").setLevel(logging.WARNING)
    client = genai.Client(
        api_key=access.key,
        vertexai=False,
        http_options=types.HttpOptions(
            base_url=access.base_url or f"https://{GEMINI.host}/",
            api_version="v1beta",
            httpx_async_client=http_client,
        ),
    )
    return GeminiProvider(client, FaultReader(Redactor([access.key]), access.key_env))


class GeminiProvider(Provider):
    """Asks by generateContent; large clips go by the Files API."""

    sdk = f"google-genai {genai.__version__}"
    takes_video = True

    def __init__(self, client: genai.Client, faults: FaultReader) -> None:
        """Ask through a client; see `make_provider`."""
        self._client = client
        self._faults = faults
        self._files = GeminiFiles(client, self._call_error)

    async def ask(self, call: Call, settings: ModelSettings) -> Reply:
        """Send one request, once; a clip that the server has lost is uploaded again.

        Raises:
            CallError: If there is no reply that ends the matter.
        """
        uploaded = _to_upload(call.parts)
        try:
            return await self._ask_once(call, settings, uploaded)
        except CallError as error:
            if not uploaded or not _is_about_file(error):
                raise
            self._files.forget(uploaded)
        return await self._ask_once(call, settings, uploaded)

    async def close(self) -> None:
        """Stop uploads and the SDK's own clients; the shared one stays open."""
        await self._files.close()
        self._client.close()

    async def _ask_once(self, call: Call, settings: ModelSettings, uploaded: tuple[Part, ...]) -> Reply:
        parts = [await self._files.uri_part(part) if part in uploaded else _inline_part(part) for part in call.parts]
        content = types.Content(role="user", parts=[*parts, types.Part(text=call.prompt)])
        try:
            response = await self._client.aio.models.generate_content(
                model=settings.model, contents=[content], config=_config(settings)
            )
        except (errors.APIError, httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            raise self._call_error(error, call.prompt) from None
        http_response = response.sdk_http_response
        raw = ((http_response and http_response.body) or "").encode(errors="replace")
        headers = (http_response and http_response.headers) or {}
        try:
            body = Body.parse(raw)
        except BodyError as error:
            raise self._faults.from_body(error, raw) from None
        if body.at("error").value is not None:
            status = body.count("error", "code") or 500
            raise self._faults.from_response(status, headers, raw, prompt=call.prompt)
        return read_reply(body, raw)

    def _call_error(self, error: Exception, prompt: str = "") -> CallError:
        if isinstance(error, errors.APIError):
            response = error.response
            if isinstance(response, httpx2.Response):
                return self._faults.from_response(error.code, response.headers, response.content, prompt=prompt)
            raw = json.dumps(error.details).encode()
            return self._faults.from_response(error.code, {}, raw, prompt=prompt)
        if isinstance(error, httpx2.HTTPError | httpx2.InvalidURL):
            return self._faults.from_transport(error)
        return self._faults.from_sdk(error)


def _config(settings: ModelSettings) -> types.GenerateContentConfig:
    thinking = None
    if isinstance(settings.thinking, int):
        thinking = types.ThinkingConfig(thinking_budget=settings.thinking)
    elif settings.thinking is not None:
        thinking = types.ThinkingConfig(thinking_level=types.ThinkingLevel(settings.thinking.upper()))
    return types.GenerateContentConfig(
        temperature=settings.temperature,
        seed=settings.seed,
        max_output_tokens=settings.max_tokens,
        thinking_config=thinking,
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        automatic_continuation=False,
        should_return_http_response=True,
        http_options=types.HttpOptions(timeout=round(max(SHORTEST_TIMEOUT_S, settings.timeout_s) * 1000)),
    )


def _inline_part(part: Part) -> types.Part:
    return types.Part(inline_data=types.Blob(data=part.data, mime_type=part.mime_type))


def _to_upload(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Give the clips that do not fit into the request."""
    size = _REQUEST_OVERHEAD_BYTES + sum(-(-len(part.data) // 3) * 4 for part in parts)
    if size <= INLINE_BYTES:
        return ()
    return tuple(part for part in parts if part.mime_type.startswith("video/"))


def _is_about_file(error: CallError) -> bool:
    """Tell whether the server does not have an uploaded file any more; no other 403 or 404 is worth an attempt."""
    return error.scope is FaultScope.ATTEMPT and error.code.startswith(("403", "404"))
