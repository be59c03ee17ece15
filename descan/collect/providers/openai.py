"""OpenAI, and every server that speaks its protocol."""

import logging
import re
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

import httpx2
import openai
import orjson

from descan.collect.providers.access import CONNECT_TIMEOUT_S, SERVICES, find_access, is_service
from descan.collect.providers.decisions import Way
from descan.collect.providers.faults import FaultReader
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.openai_batches import OpenAIBatches
from descan.collect.providers.openai_bodies import classify_error, parse_reply, request_body, request_path
from descan.collect.providers.openai_streams import join_stream
from descan.collect.providers.protocol import Call, Provider, Reply
from descan.collect.providers.refused_settings import name_refused_setting
from descan.errors import InputError


def check_settings(settings: ModelSettings) -> None:
    """Check the settings that depend on the provider.

    Raises:
        InputError: If a setting is not allowed for OpenAI.
    """
    if isinstance(settings.thinking, int):
        problem = f"thinking {settings.thinking} of {settings.label} is a budget; OpenAI takes a level such as low"
        raise InputError(None, problem)
    if settings.api == "responses" and settings.seed is not None:
        problem = f"seed of {settings.label}: OpenAI's Responses takes none; drop it or use api chat"
        raise InputError(None, problem)
    if settings.media_resolution is not None:
        raise InputError(None, f"media_resolution of {settings.label} is for Gemini; use detail")
    if settings.sends_whole_clips:
        name = "audio" if settings.audio else "clips = whole"
        raise InputError(None, f"{name} of {settings.label}: OpenAI takes clips as pictures only; drop it")


def make_provider(
    settings: ModelSettings, http_client: httpx2.AsyncClient, environ: Mapping[str, str]
) -> "OpenAIProvider":
    """Make the provider for the server of a model.

    Raises:
        SetupError: If its key is missing.
    """
    access = find_access(settings, environ)
    # At a finer level the SDK logs whole requests, with pictures and prompts.
    logging.getLogger("openai").setLevel(logging.WARNING)
    client = openai.AsyncOpenAI(
        api_key=access.key,
        base_url=access.base_url or f"https://{SERVICES['openai'].host}/v1",
        max_retries=0,
        http_client=http_client,
    )
    faults = FaultReader(access.key, access.key_env, _doubt_url(access.base_url))
    return OpenAIProvider(client, faults, is_service=is_service(access.base_url, "openai"))


class OpenAIProvider(Provider):
    """Asks by Chat Completions or Responses; also in batches."""

    sdk = f"openai {openai.__version__}"

    def __init__(self, client: openai.AsyncOpenAI, faults: FaultReader, *, is_service: bool) -> None:
        """Ask through a client; see `make_provider`."""
        self.batches = OpenAIBatches(client, faults, is_service=is_service)
        self._client = client
        self._faults = faults
        self._is_service = is_service

    async def ask(self, call: Call, settings: ModelSettings) -> Reply:
        """Send one request, once.

        Raises:
            CallError: If there is no usable reply.
        """
        try:
            response = await self._send(call, settings)
        except openai.APIError as error:
            raise name_refused_setting(classify_error(error, self._faults, call.prompt), settings) from None
        body = self._faults.parse_body(join_stream(response.content), response.headers, call.prompt)
        request_id = response.headers.get("x-request-id", "")
        return parse_reply(body, settings, response.content, request_id, call.decide)

    def discard(self, sha256s: Collection[str]) -> None:
        """Do nothing: media go inside the requests."""

    async def close(self) -> None:
        """Do nothing: only the shared HTTP client is held."""

    async def _send(self, call: Call, settings: ModelSettings) -> httpx2.Response:
        timeout = httpx2.Timeout(settings.timeout_s, connect=min(CONNECT_TIMEOUT_S, settings.timeout_s))
        # The SDK's own method for each protocol walks through the body and takes three times as long.
        return await self._client.post(
            request_path(call, settings),
            content=orjson.dumps(
                request_body(call, settings, is_service=self._is_service) | _ask_for_stream(call, settings)
            ),
            cast_to=httpx2.Response,
            options={"timeout": timeout, "security": {"bearer_auth": True}},
        )


def _ask_for_stream(call: Call, settings: ModelSettings) -> dict[str, object]:
    """Return the fields that ask for a stream, also of the counts of tokens; a batch takes none."""
    if not settings.stream or (call.decide is not None and call.decide.way is Way.DECISIONS):
        return {}
    return {"stream": True} | ({"stream_options": {"include_usage": True}} if settings.api == "chat" else {})


def _doubt_url(base_url: str | None) -> str:
    """Return what may be wrong with an address at which nothing is found; empty if it looks right."""
    if base_url is None or re.search(r"/v\d", urlsplit(base_url).path):
        return ""
    return "the base URL has no /v1, which most servers have at its end"
