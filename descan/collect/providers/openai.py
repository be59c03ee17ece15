"""OpenAI, and every server that speaks its protocol."""

import logging
from collections.abc import Mapping

import httpx2
import openai
import orjson

from descan.collect.providers.access import OPENAI, find_access
from descan.collect.providers.bodies import Body, BodyError
from descan.collect.providers.faults import FaultReader
from descan.collect.providers.http import CONNECT_TIMEOUT_S
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.openai_bodies import read_reply, request_body
from descan.collect.providers.protocol import Call, CallError, Provider, Reply
from descan.collect.providers.redaction import Redactor
from descan.errors import InputError

_PATHS = {"chat": "/chat/completions", "responses": "/responses"}


def check_settings(settings: ModelSettings) -> None:
    """Check what only this provider knows.

    Raises:
        InputError: If a setting is not one for OpenAI.
    """
    if isinstance(settings.thinking, int):
        problem = f"thinking {settings.thinking} of {settings.label} is a budget; OpenAI takes a level such as low"
        raise InputError(None, problem)
    if settings.api == "responses" and settings.seed is not None:
        problem = f"seed of {settings.label}: OpenAI's Responses takes none; drop it or use api chat"
        raise InputError(None, problem)


def make_provider(
    settings: ModelSettings, http_client: httpx2.AsyncClient, environ: Mapping[str, str]
) -> "OpenAIProvider":
    """Make the provider that asks the server of a model.

    Raises:
        SetupError: If its key is missing.
    """
    access = find_access(settings, environ, OPENAI)
    # At a finer level the SDK logs whole requests, with pictures and prompts.
    logging.getLogger("openai").setLevel(logging.WARNING)
    client = openai.AsyncOpenAI(
        api_key=access.key,
        base_url=access.base_url or f"https://{OPENAI.host}/v1",
        max_retries=0,
        http_client=http_client,
    )
    return OpenAIProvider(client, FaultReader(Redactor([access.key]), access.key_env))


class OpenAIProvider(Provider):
    """Asks by Chat Completions or Responses."""

    sdk = f"openai {openai.__version__}"
    takes_video = False

    def __init__(self, client: openai.AsyncOpenAI, faults: FaultReader) -> None:
        """Ask through a client; see `make_provider`."""
        self.client = client
        self.faults = faults

    async def ask(self, call: Call, settings: ModelSettings) -> Reply:
        """Send one request, once.

        Raises:
            CallError: If there is no reply that ends the matter.
        """
        try:
            response = await self._send(call, settings)
        except openai.APIError as error:
            raise read_error(error, self.faults, call.prompt) from None
        raw, headers = response.content, response.headers
        request_id = headers.get("x-request-id", "")
        try:
            body = Body.parse(raw)
        except BodyError as error:
            raise self.faults.from_body(error, raw, request_id) from None
        if body.at("error").value is not None and body.text("status") != "failed":
            status = body.count("error", "code") or 500
            raise self.faults.from_response(status, headers, raw, prompt=call.prompt, request_id=request_id)
        return read_reply(body, settings, raw, request_id)

    async def close(self) -> None:
        """Nothing is held but the shared HTTP client."""

    async def _send(self, call: Call, settings: ModelSettings) -> httpx2.Response:
        timeout = httpx2.Timeout(settings.timeout_s, connect=min(CONNECT_TIMEOUT_S, settings.timeout_s))
        # The SDK's method of its own for each protocol walks through the body and costs thrice the time.
        return await self.client.post(
            _PATHS[settings.api],
            content=orjson.dumps(request_body(call, settings)),
            cast_to=httpx2.Response,
            options={"timeout": timeout, "security": {"bearer_auth": True}},
        )


def read_error(error: openai.APIError, faults: FaultReader, prompt: str = "") -> CallError:
    """Read an exception of the SDK."""
    if isinstance(error, openai.APIStatusError):
        response = error.response
        request_id = response.headers.get("x-request-id", "")
        return faults.from_response(
            response.status_code, response.headers, response.content, prompt=prompt, request_id=request_id
        )
    if isinstance(error, openai.APIConnectionError):
        return faults.from_transport(error.__cause__ or error)
    return faults.from_sdk(error)
