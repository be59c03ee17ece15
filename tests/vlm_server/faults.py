"""Faults by name: what a provider answers on a bad day. Taken from the providers' documentation and real replies."""

import email.utils
import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.vlm_server.exchange import Delivery, Generated, Json, ModelRequest, Response, json_response

Reaction = Generated | Response
Fault = Callable[[ModelRequest, str], Reaction]

RETRY_DELAY_MS = 60
_GOOGLE = "type.googleapis.com/google.rpc."
_REFUSAL = "I'm sorry, I can't help with describing people in this image."
_OPENAI_ONLY = {"chat", "responses"}


@dataclass(frozen=True, slots=True)
class HttpFault:
    """An error by HTTP status, as each provider words it; None where a provider does not have it.

    Attributes:
        openai: Message, type and code.
        gemini: Message, status and details.
        headers: Beside the usual ones; a value may be made at the time of the reply.
    """

    status: int
    openai: tuple[str, str, str | None] | None = None
    gemini: tuple[str, str, tuple[Json, ...]] | None = None
    headers: tuple[tuple[str, Callable[[], str]], ...] = ()

    def __call__(self, request: ModelRequest, text: str) -> Response:  # noqa: ARG002
        headers = tuple((name, value()) for name, value in self.headers)
        if request.protocol in _OPENAI_ONLY:
            if self.openai is None:
                raise ValueError(f"OpenAI has no such fault: {self.status}")
            headers = (("x-request-id", f"req_{request.number}"), *headers)
            return json_response(self.status, openai_error(*self.openai), headers)
        if self.gemini is None:
            raise ValueError(f"Gemini has no such fault: {self.status}")
        return json_response(self.status, gemini_error(self.status, *self.gemini), headers)


def openai_error(message: str, kind: str, code: str | None, param: str | None = None) -> Json:
    """Word an error as OpenAI does."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def gemini_error(status: int, message: str, name: str, details: tuple[Json, ...] = ()) -> Json:
    """Word an error as Gemini does."""
    error: Json = {"code": status, "message": message, "status": name}
    if details:
        error["details"] = list(details)
    return {"error": error}


def closed_base_url() -> str:
    """Return the address of a server that does not exist, so that connections are refused."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def _generate(ending: str = "stop", **changes: object) -> Fault:
    keeps_text = ending in {"stop", "unknown", "malformed"}

    def fault(request: ModelRequest, text: str) -> Generated:  # noqa: ARG001
        return Generated(**{"text": text if keeps_text else "", "ending": ending, **changes})  # type: ignore[arg-type]

    return fault


def _fixed(response: Response) -> Fault:
    return lambda _request, _text: response


def _rate_limit(*headers: tuple[str, Callable[[], str]], details: tuple[Json, ...] = ()) -> HttpFault:
    return HttpFault(
        429,
        ("Rate limit reached for requests per min (RPM).", "requests", "rate_limit_exceeded"),
        ("Resource has been exhausted (e.g. check quota).", "RESOURCE_EXHAUSTED", details),
        headers,
    )


_PAGE = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>upstream went away</body></html>"
_RETRY_INFO: Json = {"@type": f"{_GOOGLE}RetryInfo", "retryDelay": f"{RETRY_DELAY_MS / 1000}s"}
_DAY_QUOTA: Json = {
    "@type": f"{_GOOGLE}QuotaFailure",
    "violations": [
        {
            "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests",
            "quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
            "quotaDimensions": {"location": "global", "model": "gemini-2.5-flash"},
            "quotaValue": "250",
        }
    ],
}
_BAD_KEY: Json = {
    "@type": f"{_GOOGLE}ErrorInfo",
    "reason": "API_KEY_INVALID",
    "domain": "googleapis.com",
    "metadata": {"service": "generativelanguage.googleapis.com"},
}

FAULTS: dict[str, Fault] = {
    "408": HttpFault(408, ("Request timed out.", "timeout", None), ("The request timed out.", "DEADLINE_EXCEEDED", ())),
    "409": HttpFault(
        409, ("Conflict: try again.", "conflict_error", None), ("The operation was aborted.", "ABORTED", ())
    ),
    "429": _rate_limit(),
    "429_seconds": _rate_limit(("Retry-After", lambda: "1")),
    "429_milliseconds": _rate_limit(("Retry-After-Ms", lambda: str(RETRY_DELAY_MS))),
    "429_date": _rate_limit(("Retry-After", lambda: email.utils.formatdate(time.time() + 1.5, usegmt=True))),
    "429_long_pause": _rate_limit(("Retry-After", lambda: "4000")),
    "429_retry_info": _rate_limit(details=(_RETRY_INFO,)),
    "429_insufficient_quota": HttpFault(
        429,
        (
            "You exceeded your current quota, please check your plan and billing details.",
            "insufficient_quota",
            "insufficient_quota",
        ),
    ),
    "429_quota_a_day": HttpFault(
        429,
        gemini=(
            "You exceeded your current quota, please check your plan and billing details.",
            "RESOURCE_EXHAUSTED",
            (_DAY_QUOTA, {"@type": f"{_GOOGLE}RetryInfo", "retryDelay": "38021s"}),
        ),
    ),
    "500": HttpFault(
        500,
        ("The server had an error while processing your request.", "server_error", None),
        ("An internal error has occurred. Please retry.", "INTERNAL", ()),
    ),
    "503": HttpFault(
        503,
        ("The engine is currently overloaded, please try again later.", "server_error", None),
        ("The model is overloaded. Please try again later.", "UNAVAILABLE", ()),
    ),
    "401": HttpFault(
        401,
        ("Incorrect API key provided: sk-test-****key1.", "invalid_request_error", "invalid_api_key"),
        ("Request had invalid authentication credentials.", "UNAUTHENTICATED", ()),
    ),
    "403": HttpFault(
        403,
        ("Country, region, or territory not supported", "request_forbidden", "unsupported_country_region_territory"),
        ("Generative Language API has not been used in project 12 before or it is disabled.", "PERMISSION_DENIED", ()),
    ),
    "404": HttpFault(
        404,
        ("The model does not exist or you do not have access to it.", "invalid_request_error", "model_not_found"),
        ("models/gemini-2.0-flash is not found for API version v1beta.", "NOT_FOUND", ()),
    ),
    "400_api_key_invalid": HttpFault(
        400, gemini=("API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT", (_BAD_KEY,))
    ),
    "400_image": HttpFault(
        400,
        ("You uploaded an unsupported image.", "invalid_request_error", "image_parse_error"),
        ("Unable to process input image. Please retry.", "INVALID_ARGUMENT", ()),
    ),
    "400_request": HttpFault(
        400,
        ("Unsupported value: 'temperature' does not support 0.", "invalid_request_error", "unsupported_value"),
        ("Invalid value at 'generation_config.thinking_config'.", "INVALID_ARGUMENT", ()),
    ),
    "400_wrong_key_without_database": HttpFault(400, ("No connected db.", "no_db_connection", "400")),
    "400_wrong_name": HttpFault(
        400,
        (
            "/chat/completions: Invalid model name passed in model=gpt-4o. Call `/v1/models` to view available models.",
            "invalid_request_error",
            "400",
        ),
    ),
    "400_gateway_parameter": HttpFault(
        400,
        (
            "litellm.UnsupportedParamsError: openai does not support parameters: ['store'], for model=m.",
            "None",
            "400",
        ),
    ),
    "400_text_only": HttpFault(400, ("m is not a multimodal model", "BadRequestError", "400")),
    "400_stream_only": HttpFault(
        400, ("This model only support stream mode, please enable the stream parameter.", "invalid_request_error", None)
    ),
    "200_unexpected_endpoint": _fixed(
        json_response(200, {"error": "Unexpected endpoint or method. (POST /chat/completions)"})
    ),
    "200_error_in_digits": _fixed(json_response(200, {"error": {"message": "Upstream is down.", "code": "503"}})),
    "200_error_of_its_own": _fixed(json_response(200, {"error": {"message": "Upstream is down.", "code": 1210}})),
    "200_error_in_choice": _fixed(
        json_response(
            200,
            {"choices": [{"error": {"code": 502, "message": "Provider returned error"}, "finish_reason": "error"}]},
        )
    ),
    "204": _fixed(Response(204)),
    "413": HttpFault(
        413,
        ("Request body too large.", "invalid_request_error", None),
        ("Request payload size exceeds the limit.", "INVALID_ARGUMENT", ()),
    ),
    "422": HttpFault(
        422,
        ("Unprocessable image.", "invalid_request_error", None),
        ("The image could not be processed.", "INVALID_ARGUMENT", ()),
    ),
    "400_vague": HttpFault(400, ("The request could not be handled.", "invalid_request_error", None)),
    "422_field": _fixed(
        json_response(422, {"detail": [{"loc": ["body", "temperature"], "msg": "Extra inputs are not permitted"}]})
    ),
    "reset_before_body": _generate(delivery=Delivery.RESET_BEFORE_BODY),
    "reset_in_body": _generate(delivery=Delivery.RESET_IN_BODY),
    "truncated_body": _generate(delivery=Delivery.TRUNCATED),
    "stalled_body": _generate(delivery=Delivery.STALLED),
    "html_body": _fixed(Response(200, _PAGE, "text/html; charset=utf-8")),
    "empty_body": _fixed(Response(200)),
    "malformed_json": _generate(mangling="cut_json"),
    "non_utf8": _generate(mangling="non_utf8"),
    "not_an_object": _fixed(Response(200, json.dumps(["a", "list"]).encode())),
    "safety_block": _generate("safety"),
    "prompt_block": _generate("prompt_block"),
    "recitation": _generate("recitation"),
    "refusal": _generate("refusal", text=_REFUSAL),
    "content_filter": _generate("content_filter"),
    "length_without_text": _generate("length", thinking_tokens=50),
    "max_tokens_without_parts": _generate("length", thinking_tokens=50),
    "stop_without_parts": _generate("no_parts"),
    "unknown_finish_reason": _generate("unknown"),
    "malformed_response": _generate("malformed"),
    "account_limited": _generate("account_limited"),
    "stream": _generate(mangling="stream"),
    "cut_stream": _generate(mangling="cut_stream"),
    "rerouted": _generate(served_model="another-model-3.8"),
}
"""By name; not every protocol has every one. `upload_failed` and `upload_expired` are known to the Files API alone."""

UPLOAD_FAULTS = ("upload_failed", "upload_expired")
