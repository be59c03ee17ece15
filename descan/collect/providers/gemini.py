"""Gemini by generateContent."""

import json
import logging
from collections.abc import Collection, Mapping
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import quote

import httpx2
import orjson
from google import genai
from google.genai import errors, types

from descan.collect.providers.access import CONNECT_TIMEOUT_S, SERVICES, Access, find_access, is_service
from descan.collect.providers.bodies import Body, judge_text
from descan.collect.providers.decisions import Way, read_stated
from descan.collect.providers.faults import FaultReader
from descan.collect.providers.gemini_decisions import decisions_request, read_decisions
from descan.collect.providers.gemini_files import GeminiFiles
from descan.collect.providers.gemini_requests import file_part, inline_part, request_body
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import Call, CallError, FaultScope, Provider, Reply
from descan.collect.providers.refused_settings import name_refused_setting
from descan.corpus.stop_reasons import find_status
from descan.errors import InputError
from descan.media.media_files import Part
from descan.records import Status

INLINE_BYTES = 20_000_000
"""A larger request is refused, base64 included; a larger clip goes by the Files API."""

_REQUEST_OVERHEAD_BYTES = 100_000
_VERSION = "v1beta"

_MALFORMED = (FaultScope.ATTEMPT, "the model's reply was malformed", "")
_FAULTY_ENDS = {
    "MALFORMED_RESPONSE": _MALFORMED,
    "MALFORMED_FUNCTION_CALL": _MALFORMED,
    "PUP_LIMITED_DISABLED": (
        FaultScope.MODEL,
        "the account is limited or disabled for what it was used for (Prohibited Use Policy)",
        "ask the provider about the account, or use another one",
    ),
}
"""Finish reasons that are faults, not answers: what each ends, what it says, and what the user can do."""


def check_settings(settings: ModelSettings) -> None:
    """Check the settings that depend on the provider.

    Raises:
        InputError: If a setting is not allowed for Gemini.
    """
    wishes = ("detail", settings.detail), ("verbosity", settings.verbosity), ("stream", settings.stream)
    for name, wish in (("api", settings.api != "chat"), *wishes):
        if wish:
            raise InputError(None, f"{name} {getattr(settings, name)} of {settings.label} is for OpenAI; drop it")
    levels = [level.lower() for level in types.ThinkingLevel if "UNSPECIFIED" not in level]
    if isinstance(settings.thinking, str) and settings.thinking.lower() not in levels:
        problem = f"thinking {settings.thinking!r} of {settings.label} is unknown; use one of {', '.join(levels)}"
        raise InputError(None, f"{problem}, or a number of tokens")


def make_provider(
    settings: ModelSettings, http_client: httpx2.AsyncClient, environ: Mapping[str, str]
) -> "GeminiProvider":
    """Make the provider for the server of a model.

    Raises:
        SetupError: If its key is missing.
    """
    access = find_access(settings, environ)
    # At a finer level the SDK may log requests, with pictures and prompts.
    logging.getLogger("google_genai").setLevel(logging.WARNING)
    return GeminiProvider(access, http_client)


_N_OF_DATE = len("YYYY-MM-DD")


class GeminiProvider(Provider):
    """Asks by generateContent; large clips go by the Files API."""

    sdk = f"google-genai {genai.__version__}"
    batches = None

    def __init__(self, access: Access, http_client: httpx2.AsyncClient) -> None:
        """Ask through a client; see `make_provider`."""
        root = access.base_url or f"https://{SERVICES['gemini'].host}/"
        options = types.HttpOptions(base_url=root, api_version=_VERSION, httpx_async_client=http_client)
        self._client = genai.Client(api_key=access.key, vertexai=False, http_options=options)
        self._http_client = http_client
        self._root = f"{root.rstrip('/')}/{_VERSION}"
        self._headers = {"x-goog-api-key": access.key, "content-type": "application/json"}
        self._is_service = is_service(access.base_url, "gemini")
        self._faults = FaultReader(access.key, access.key_env)
        self._files = GeminiFiles(self._client, self._call_error)

    async def ask(self, call: Call, settings: ModelSettings) -> Reply:
        """Send one request; a clip that the server has lost is uploaded again, once.

        Raises:
            CallError: If there is no usable reply.
        """
        uploaded = _to_upload(call.parts)
        try:
            return await self._ask_once(call, settings, uploaded)
        except CallError as error:
            if not uploaded or not _is_about_file(error):
                raise
            self._files.forget(uploaded)
        return await self._ask_once(call, settings, uploaded)

    def discard(self, sha256s: Collection[str]) -> None:
        """Begin to delete the clips with these hashes, unless a call is using them."""
        self._files.discard(sha256s)

    async def close(self) -> None:
        """Stop uploads and the SDK's own clients; the shared one stays open."""
        await self._files.close()
        self._client.close()

    async def _ask_once(self, call: Call, settings: ModelSettings, uploaded: tuple[Part, ...]) -> Reply:
        async with self._files.lend(uploaded) as uris:
            return await self._send(call, settings, uris)

    async def _send(self, call: Call, settings: ModelSettings, uris: Mapping[str, str]) -> Reply:
        decide = call.decide
        if decide is not None and decide.way is Way.DECISIONS:
            body = decisions_request(call, decide, settings, uris)
            url = f"{self._root}/decisions"
        else:
            parts = [
                file_part(uris[part.sha256], part, settings) if part.sha256 in uris else inline_part(part, settings)
                for part in call.parts
            ]
            schema = None if decide is None else decide.schema
            body = request_body(call.prompt, parts, settings, is_service=self._is_service, schema=schema)
            url = f"{self._root}/models/{quote(settings.model.removeprefix('models/'))}:generateContent"
        timeout = httpx2.Timeout(settings.timeout_s, connect=min(CONNECT_TIMEOUT_S, settings.timeout_s))
        try:
            response = await self._http_client.post(
                url, content=orjson.dumps(body), headers=self._headers, timeout=timeout
            )
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise self._faults.from_transport(error) from None
        if response.status_code != HTTPStatus.OK:
            fault = self._faults.from_response(
                response.status_code, response.headers, response.content, prompt=call.prompt
            )
            raise name_refused_setting(fault, settings)
        found = self._faults.parse_body(response.content, response.headers, call.prompt)
        if decide is not None and decide.way is Way.DECISIONS:
            return read_decisions(found, decide.questions, response.content)
        reply = parse_reply(found, response.content)
        return reply if decide is None else replace(reply, text=read_stated(reply.text, decide.questions) or reply.text)

    def _call_error(self, error: Exception) -> CallError:
        """Turn an exception of the SDK, about an uploaded file, into a CallError."""
        if isinstance(error, errors.APIError):
            response = error.response
            if isinstance(response, httpx2.Response):
                return self._faults.from_response(error.code, response.headers, response.content)
            return self._faults.from_response(error.code, {}, json.dumps(error.details).encode())
        if isinstance(error, httpx2.HTTPError | httpx2.InvalidURL):
            return self._faults.from_transport(error)
        return self._faults.from_sdk(error)


def _to_upload(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return the clips that do not fit into the request."""
    size = _REQUEST_OVERHEAD_BYTES + sum(-(-len(part.data) // 3) * 4 for part in parts)
    if size <= INLINE_BYTES:
        return ()
    return tuple(part for part in parts if part.mime_type.startswith("video/"))


def _is_about_file(error: CallError) -> bool:
    """Return whether the server has lost an uploaded file; no other 403 or 404 is worth another attempt."""
    return error.scope is FaultScope.ATTEMPT and error.code.startswith(("403", "404"))


def parse_reply(body: Body, raw: bytes) -> Reply:
    """Parse the body of a reply.

    Raises:
        CallError: If the model stopped without a word or with a malformed reply, which it does at random, or because
            the account is limited; the error carries the reply, which was paid for.
    """
    blocked = body.text("promptFeedback", "blockReason")
    candidate = body.at("candidates", 0)
    if candidate.value is None and blocked:
        return _make_reply(body, raw, Status.BLOCKED, finish=blocked, detail=_describe_block(body, blocked))
    finish = candidate.text("finishReason")
    text = "".join(part.text("text") for part in candidate.each("content", "parts") if not part.is_true("thought"))
    status, detail = _judge(candidate, text, finish)
    reply = _make_reply(body, raw, status, text=text, finish=finish, detail=detail)
    if finish in _FAULTY_ENDS:
        raise _describe_end(finish, reply)
    if status is Status.EMPTY and finish in ("STOP", ""):
        problem = "no_parts: the model stopped without a word" if finish else "no_candidates: the reply has none"
        code = problem.partition(":")[0]
        raise CallError(FaultScope.ATTEMPT, code, problem, body=raw, request_id=reply.request_id, reply=reply)
    return reply


def _describe_end(finish: str, reply: Reply) -> CallError:
    scope, problem, advice = _FAULTY_ENDS[finish]
    message = f"{finish}: {problem}"
    return CallError(scope, finish, message, advice=advice, body=reply.body, request_id=reply.request_id, reply=reply)


def _judge(candidate: Body, text: str, finish: str) -> tuple[Status, str]:
    said = _join(candidate.text("finishMessage"), *_list_ratings(candidate))
    status = find_status(finish)
    if status is Status.BLOCKED:
        return status, _join(finish, said)
    return judge_text(text, finish, is_cut=status is not None, is_complete=finish == "STOP", said=said)


def _describe_block(body: Body, reason: str) -> str:
    feedback = body.at("promptFeedback")
    return _join(f"prompt blocked: {reason}", feedback.text("blockReasonMessage"), *_list_ratings(feedback))


def _list_ratings(rated: Body) -> list[str]:
    """Return the safety ratings above negligible, as in `HARM_CATEGORY_HARASSMENT HIGH blocked`."""
    return [
        " ".join(
            filter(None, (rating.text("category"), rating.text("probability"), "blocked" * rating.is_true("blocked")))
        )
        for rating in rated.each("safetyRatings")
        if rating.is_true("blocked") or rating.text("probability") not in ("", "NEGLIGIBLE")
    ]


def _join(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


def _make_reply(body: Body, raw: bytes, status: Status, *, text: str = "", finish: str, detail: str) -> Reply:
    return Reply(
        status,
        text,
        finish_reason=finish,
        detail=detail,
        served_model=body.text("modelVersion"),
        input_tokens=body.count("usageMetadata", "promptTokenCount"),
        output_tokens=body.count_beside("promptTokenCount", "usageMetadata", "candidatesTokenCount"),
        thinking_tokens=body.count("usageMetadata", "thoughtsTokenCount"),
        cached_tokens=body.count("usageMetadata", "cachedContentTokenCount"),
        retires_on=body.text("modelStatus", "retirementTime")[:_N_OF_DATE],
        request_id=body.text("responseId"),
        body=raw,
    )
