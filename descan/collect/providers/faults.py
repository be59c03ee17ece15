"""What a failed request means: one table for all providers. Messages that come from outside are cleaned."""

import json
import math
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2

from descan.collect.providers.bodies import Body
from descan.collect.providers.protocol import Blame, CallError, FaultScope, Reply
from descan.records import Status

MAX_CHARACTERS = 300
"""Of a cleaned message."""

UNREACHABLE = frozenset({"connect", "connect_timeout"})
"""Codes of faults before anything was sent; a server that stays unreachable is down for every item."""

_CHECK_KEY = "check the key in {key_env}"
_CHECK_MODEL = "check the name of the model, and whether the provider still offers it to this key"
_CHECK_URL = "check the base URL"
_SERVER_SIDE = range(500, 600)
_NOTHING_SAID = range(200, 300)
"""Such as 204: it is no error, but no reply either."""

_NOT_FOUND = (404, 405)

_MESSAGE_PLACES = (("error", "message"), ("error",), ("message",), ("detail",))
_HIDDEN_KEY = "[key]"
_KEY_LIKE = re.compile(
    r"\bBearer\s+\S+"
    r"|\b(?:sk|pk|rk|gsk|xai|hf|key)[-_][A-Za-z0-9*._-]{6,}"
    r"|\bAIza[A-Za-z0-9*_-]{10,}"
    r"|\bAQ\.[A-Za-z0-9*_-]{10,}"
    r"|(?<=[?&]key=)[^&\s\"']+"
)
_DATA_URL = re.compile(r"data:[a-z]+/[a-z0-9.+-]+;base64,[A-Za-z0-9+/=_-]*", re.IGNORECASE)
_LONG_RUN = re.compile(r"[A-Za-z0-9+/=_-]{80,}")
_SHORTEST_KEY = 4


@dataclass(frozen=True, slots=True)
class _Rule:
    statuses: tuple[int, ...] | range
    words: str
    """Expression that the provider's codes or message must match; empty for any."""
    scope: FaultScope
    advice: str = ""
    is_block: bool = False
    blame: Blame = ""

    def fits(self, status: int, said: str) -> bool:
        return status in self.statuses and re.search(self.words, said, re.IGNORECASE) is not None


_RULES = (
    _Rule(
        (400, 401, 403),
        r"api_key_invalid|invalid_api_key|incorrect api key|api key (?:not valid|expired|not found)|no connected db",
        FaultScope.MODEL,
        _CHECK_KEY,
        blame="key",
    ),
    _Rule((402,), "", FaultScope.MODEL, "add credit at the provider, then run again"),
    _Rule(
        (403, 429),
        r"insufficient_quota|billing_(?:hard_limit|not_active)|credit balance",
        FaultScope.MODEL,
        "add credit or raise the limit at the provider, then run again",
    ),
    _Rule(
        (429,),
        r"per ?day|requests_per_day|\b[rt]pd\b",
        FaultScope.MODEL,
        "the quota of the day is used up: run again tomorrow, or raise it at the provider",
    ),
    _Rule(
        (400, 403),
        r"location is not supported|unsupported_country|enable billing",
        FaultScope.MODEL,
        "the provider does not serve this account from here",
    ),
    # An uploaded file that is gone; the next attempt uploads it again.
    _Rule((403, 404), r"\b(?:the )?file (?:files/)?\w+ .*\bexist|files/\w+ .*not found", FaultScope.ATTEMPT),
    _Rule((400,), r"failed_precondition.*\bactive\b", FaultScope.ATTEMPT),
    _Rule(
        (400, 422),
        r"content_policy|content_filter|image_content_policy_violation|moderation_blocked|invalid_prompt",
        FaultScope.ITEM,
        is_block=True,
    ),
    _Rule(
        (400, 422),
        r"model_not_found|unknown_model|invalid_model|invalid model name|not a valid model",
        FaultScope.MODEL,
        _CHECK_MODEL,
        blame="model",
    ),
    _Rule(
        (400, 404, 415, 422, 500),
        r"not a multimodal model|support image input|does not support images?\b|image input is not supported",
        FaultScope.MODEL,
        "the model takes no pictures: ask one that does",
        blame="picture",
    ),
    _Rule(
        (400, 422),
        r"only supports? stream|stream.{0,20}must be (?:set to )?true|enable the stream",
        FaultScope.MODEL,
        "the model answers only to requests for a stream: ask for one, with --set MODEL.stream=true",
    ),
    _Rule(range(1000), r"unexpected endpoint", FaultScope.MODEL, _CHECK_URL),
    _Rule(
        (400, 422),
        r"(?:unsupported|unknown)_parameter|unsupported_?(?:value|params)|does not support param|unknown name"
        r"|thinking(?:_| )(?:budget|config|level|mode)",
        FaultScope.MODEL,
        "the model does not take a parameter: change it with --set",
        blame="parameter",
    ),
    _Rule((401,), "", FaultScope.MODEL, _CHECK_KEY, blame="key"),
    _Rule((403,), "", FaultScope.MODEL, f"{_CHECK_KEY} and what it may use", blame="key"),
    _Rule((404, 410), "", FaultScope.MODEL, _CHECK_MODEL, blame="model"),
    _Rule((400, 413, 415, 422), r"\bimage|\bpicture", FaultScope.ITEM, blame="picture"),
    _Rule((400, 413, 415, 422), "", FaultScope.ITEM),
    _Rule((408, 409, 425, 429), "", FaultScope.ATTEMPT),
    _Rule(_SERVER_SIDE, "", FaultScope.ATTEMPT),
    _Rule(_NOTHING_SAID, "", FaultScope.ATTEMPT),
    _Rule(range(1000), "", FaultScope.MODEL, _CHECK_URL),
)

_TransportFault = tuple[str, FaultScope, str]
_TRANSPORT: tuple[tuple[type[Exception], _TransportFault], ...] = (
    (httpx2.ConnectTimeout, ("connect_timeout", FaultScope.ATTEMPT, "the server cannot be reached in time")),
    (httpx2.TimeoutException, ("timeout", FaultScope.ATTEMPT, "no reply in time")),
    (httpx2.ConnectError, ("connect", FaultScope.ATTEMPT, "the server cannot be reached")),
    (httpx2.ProxyError, ("connect", FaultScope.ATTEMPT, "the proxy cannot be reached")),
    (httpx2.NetworkError, ("reset", FaultScope.ATTEMPT, "the connection broke")),
    (httpx2.UnsupportedProtocol, ("bad_url", FaultScope.MODEL, "the base URL is not one of http or https")),
    (httpx2.InvalidURL, ("bad_url", FaultScope.MODEL, "the base URL is not a URL")),
    (httpx2.ProtocolError, ("protocol", FaultScope.ATTEMPT, "the server broke the protocol")),
    (httpx2.DecodingError, ("truncated_body", FaultScope.ATTEMPT, "the reply cannot be decompressed")),
    (httpx2.TooManyRedirects, ("redirect", FaultScope.MODEL, "the server redirects without end")),
)
_UNKNOWN_TRANSPORT_FAULT: _TransportFault = ("protocol", FaultScope.ATTEMPT, "the request failed")
_PROTOCOL_CODES = {"incomplete message body": "truncated_body", "incomplete chunked read": "truncated_body",
                   "disconnected without": "reset", "peer closed connection": "truncated_body"}  # fmt: skip


class FaultReader:
    """Turns what one server and key return into CallErrors."""

    def __init__(self, key: str, key_env: str, url_doubt: str = "") -> None:
        """Set what messages need.

        Args:
            key: No message may contain it.
            key_env: The variable that holds it.
            url_doubt: What may be wrong with the base URL where nothing is found; empty if it looks right.
        """
        self._key = key
        self._key_env = key_env
        self._url_doubt = url_doubt

    def clean(self, message: str, prompt: str = "") -> str:
        """Return a message as one line of at most 300 characters, without keys, media and prompts.

        Args:
            message: From a provider or an SDK.
            prompt: The prompt of the call, which a server may have sent back.
        """
        if len(self._key) >= _SHORTEST_KEY:
            message = message.replace(self._key, _HIDDEN_KEY)
        for form in (prompt, prompt.replace("\n", "\\n")) if prompt.strip() else ():
            message = message.replace(form, "[prompt]")
        message = _DATA_URL.sub("[media]", message)
        message = _KEY_LIKE.sub(_HIDDEN_KEY, message)
        message = _LONG_RUN.sub("[...]", message)
        message = " ".join("".join(c if c.isprintable() else " " for c in message).split())
        return message if len(message) <= MAX_CHARACTERS else message[: MAX_CHARACTERS - 3] + "..."

    def parse_body(self, raw: bytes, headers: Mapping[str, str], prompt: str = "") -> Body:
        """Parse the body of a reply whose HTTP status is 200.

        Args:
            raw: The body.
            headers: With lower-case names, or without regard to case.
            prompt: Of the call; it is removed from messages.

        Raises:
            CallError: If it is not a JSON object, or is an error message.
        """
        try:
            body = Body.parse(raw, headers.get("x-request-id", ""))
        except CallError as fault:
            if fault.code == "html_body" and self._url_doubt:
                fault.scope, fault.advice = FaultScope.MODEL, self._url_doubt
            raise
        # OpenAI's Responses also has an `error` in a response that failed; OpenRouter has one in a choice.
        for found in (body, body.at("choices", 0)):
            if found.at("error").value is not None and found.text("status") != "failed":
                status = _read_status(found.at("error", "code").value)
                raise self.from_response(status, headers, json.dumps(found.value).encode(), prompt=prompt)
        return body

    def from_response(
        self, status: int, headers: Mapping[str, str], raw: bytes, *, prompt: str = "", request_id: str = ""
    ) -> CallError:
        """Classify a reply whose HTTP status is not 200, or whose body says that it should not be.

        Args:
            status: The HTTP status.
            headers: As those of `parse_body`.
            raw: The body.
            prompt: Of the call; it is removed from the message.
            request_id: The provider's name for the request, if it is not among the headers.
        """
        request_id = request_id or headers.get("x-request-id", "")
        try:
            body = Body.parse(raw)
        except CallError:
            body = Body(None)
        codes, message = _provider_codes(body, status), _provider_message(body)
        said = " ".join((*codes, message))
        rule = next(rule for rule in _RULES if rule.fits(status, said))
        code = f"{status} {codes[0]}" if codes else str(status)
        line = self.clean(f"{code}: {message}" if message else code, prompt)
        reply = None
        if rule.is_block:
            reply = Reply(Status.BLOCKED, "", finish_reason=code, detail=line, request_id=request_id, body=raw)
        return CallError(
            rule.scope,
            code,
            line,
            advice=self._advise(rule, status),
            delay_s=server_delay_s(headers, body),
            body=raw,
            request_id=request_id,
            reply=reply,
            blame=rule.blame,
        )

    def _advise(self, rule: _Rule, status: int) -> str:
        advice = rule.advice.format(key_env=self._key_env)
        is_missing = status in _NOT_FOUND or rule.advice == _CHECK_URL
        return f"{self._url_doubt}; else {advice}" if is_missing and self._url_doubt else advice

    def from_transport(self, error: BaseException) -> CallError:
        """Classify an exception of httpx2: no reply came, or only a part of one."""
        code, scope, problem = next(
            (fault for kind, fault in _TRANSPORT if isinstance(error, kind)), _UNKNOWN_TRANSPORT_FAULT
        )
        words = self.clean(str(error))
        if isinstance(error, httpx2.ProtocolError):
            code = next((name for part, name in _PROTOCOL_CODES.items() if part in words), code)
        advice = _CHECK_URL if scope is FaultScope.MODEL else ""
        if _is_untrusted(error):
            code, scope, advice = "certificate", FaultScope.MODEL, "fix the certificate, or set SSL_CERT_FILE"
        return CallError(scope, code, f"{code}: {problem} ({words})" if words else f"{code}: {problem}", advice=advice)

    def from_sdk(self, error: BaseException) -> CallError:
        """Classify an exception that an SDK raised because it could not parse a reply."""
        words = self.clean(f"{type(error).__name__}: {error}")
        return CallError(FaultScope.ATTEMPT, "not_a_reply", f"not_a_reply: the SDK cannot parse the reply ({words})")


def not_a_reply(problem: str, raw: bytes, request_id: str = "", reply: Reply | None = None) -> CallError:
    """Return the fault of a JSON object that lacks what a reply has."""
    message = f"not_a_reply: {problem}"
    return CallError(FaultScope.ATTEMPT, "not_a_reply", message, body=raw, request_id=request_id, reply=reply)


def server_delay_s(headers: Mapping[str, str], body: Body) -> float | None:
    """Return the seconds that the server asks us to wait, or None if it does not say.

    It says so in `retry-after-ms`, in `retry-after` (seconds or a date), or in Google's RetryInfo.
    """
    milliseconds = _seconds(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    after = headers.get("retry-after")
    if after is not None:
        seconds = _seconds(after)
        return seconds if seconds is not None else _seconds_until(after, headers.get("date"))
    for detail in body.each("error", "details"):
        delay = detail.text("retryDelay")
        if delay.endswith("s"):
            return _seconds(delay[:-1])
    return None


def _seconds(said: str | None) -> float | None:
    try:
        value = float(said or "")
    except ValueError:
        return None
    return max(0.0, value) if math.isfinite(value) else None


def _seconds_until(date: str, now: str | None) -> float | None:
    try:
        until = parsedate_to_datetime(date)
        # By the server's own clock if it sends the time: ours may be wrong.
        since = parsedate_to_datetime(now) if now else datetime.now(UTC)
        return max(0.0, (until - since).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def _provider_codes(body: Body, status: int) -> list[str]:
    """Return the provider's names for the fault, the most specific one first, without the HTTP status."""
    error = body.at("error") if isinstance(body.at("error").value, dict) else body
    details = error.each("details")
    named = [detail.text("reason") for detail in details]
    named += [_read_code(error), error.text("status"), error.text("type")]
    named += [violation.text("quotaId") for detail in details for violation in detail.each("violations")]
    nothing = (str(status), "None", "null")
    return [name for name in named if re.fullmatch(r"[\w.-]{1,80}", name) and name not in nothing]


def _read_code(error: Body) -> str:
    number = error.count("code")
    return error.text("code") if number is None else str(number)


def _read_status(code: object) -> int:
    """Return the HTTP status that a body names as a number or in digits, or 500."""
    text = str(code)
    return int(text) if re.fullmatch(r"[45]\d\d", text, re.ASCII) else 500


def _provider_message(body: Body) -> str:
    """Return the provider's message, without what it repeats of the request."""
    for path in _MESSAGE_PLACES:
        if message := body.text(*path):
            return message
    return "; ".join(": ".join(filter(None, (".".join(names), said))) for names, said in list_field_problems(body))


def list_field_problems(body: Body) -> list[tuple[list[str], str]]:
    """Return what servers built with pydantic say of the fields of a request: the names on the way to each, and why."""
    places = [(*path, *more) for path in _MESSAGE_PLACES for more in ((), ("detail",))]
    found = next(filter(None, (body.each(*place) for place in places)), [])
    return [
        ([step.text() for step in problem.each("loc") if step.text() not in ("", "body")], problem.text("msg"))
        for problem in found
    ]


def _is_untrusted(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
