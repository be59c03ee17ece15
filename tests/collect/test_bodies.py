"""Bodies and messages of providers, which nobody vouches for."""

import json

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descan.collect.providers import gemini, openai_bodies
from descan.collect.providers.bodies import Body
from descan.collect.providers.faults import MAX_CHARACTERS, FaultReader, server_delay_s
from descan.collect.providers.protocol import CallError, FaultScope, Reply
from tests.collect.provider_cases import CHAT, RESPONSES

READER = FaultReader("my-secret", "MY_KEY")

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    "error",
    "code",
    "status",
    "message",
    "details",
    "reason",
    "retryDelay",
    "violations",
    "quotaId",
    "detail",
    "choices",
    "finish_reason",
    "content",
    "refusal",
    "usage",
    "completion_tokens",
    "completion_tokens_details",
    "output",
    "text",
    "incomplete_details",
    "candidates",
    "parts",
    "finishReason",
    "promptFeedback",
    "blockReason",
    "safetyRatings",
    "usageMetadata",
    "candidatesTokenCount",
    "model",
    "id",
]
REPLIES = st.recursive(
    JSON,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5),
    max_leaves=20,
)


def read_as(name: str, body: Body, raw: bytes) -> Reply:
    if name == "gemini":
        return gemini.parse_reply(body, raw)
    return openai_bodies.parse_reply(body, RESPONSES if name == "responses" else CHAT, raw)


@given(st.dictionaries(st.sampled_from(FIELDS), REPLIES, max_size=6), st.sampled_from([200, 400, 404, 429, 500]))
def test_no_json_breaks_the_readers(value: dict[str, object], status: int) -> None:
    raw = json.dumps(value).encode()
    body = Body.parse(raw)
    assert isinstance(READER.from_response(status, {}, raw), CallError)
    for name in ("chat", "responses", "gemini"):
        try:
            reply = read_as(name, body, raw)
        except CallError as error:
            assert error.code  # noqa: PT017
        else:
            (reply.text + reply.detail + reply.finish_reason + reply.served_model).encode()


@given(st.binary())
def test_no_bytes_break_the_parser(raw: bytes) -> None:
    try:
        assert isinstance(Body.parse(raw).value, dict)
    except CallError as error:
        assert str(error).startswith(f"{error.code}: the reply ")  # noqa: PT017


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "empty_body"),
        (b" \n", "empty_body"),
        (b"<!DOCTYPE html>", "html_body"),
        (b'{"a":', "not_json"),
        (b"[1]", "not_an_object"),
        (b"[" * 100_000, "not_json"),
        (b"9" * 5000, "not_json"),
    ],
)
def test_a_body_that_is_no_object_says_what_it_is(raw: bytes, code: str) -> None:
    with pytest.raises(CallError, match=code):
        Body.parse(raw)


def test_an_error_that_comes_with_status_200_is_a_fault_unless_it_is_a_response_that_failed() -> None:
    with pytest.raises(CallError, match="429: slow down") as error:
        READER.parse_body(b'{"error": {"code": 429, "message": "slow down"}}', {"x-request-id": "r1"})
    assert (error.value.scope, error.value.request_id) == (FaultScope.ATTEMPT, "r1")
    failed = b'{"status": "failed", "error": {"code": "server_error"}}'
    assert READER.parse_body(failed, {}).text("error", "code") == "server_error"


def test_lone_surrogates_become_replacement_characters() -> None:
    assert Body.parse(rb'{"a": "x\ud83dy", "b": "\ud83d\ude00"}').text("a") == "x\ufffdy"
    assert Body.parse(rb'{"a": "x\ud83dy", "b": "\ud83d\ude00"}').text("b") == "\U0001f600"


@pytest.mark.parametrize("value", ["NaN", "-1", "true", '"7"', "1.5", "1e300", "null", "[]"])
def test_what_is_no_count_of_tokens_is_none(value: str) -> None:
    assert Body.parse(f'{{"n": {value}}}'.encode()).count("n") is None


@pytest.mark.parametrize(
    ("headers", "details", "delay_s"),
    [
        ({"retry-after": "7"}, [], 7),
        ({"retry-after": "0.5"}, [], 0.5),
        ({"retry-after-ms": "250", "retry-after": "1"}, [], 0.25),
        ({"retry-after": "Sat, 21 Nov 2026 10:00:30 GMT", "date": "Sat, 21 Nov 2026 10:00:00 GMT"}, [], 30),
        ({"retry-after": "Sat, 21 Nov 2026 09:00:00 GMT", "date": "Sat, 21 Nov 2026 10:00:00 GMT"}, [], 0),
        ({"retry-after": "-3"}, [], 0),
        ({"retry-after": "nan"}, [], None),
        ({"retry-after": "soon"}, [], None),
        ({}, [{"retryDelay": "34.07s"}], 34.07),
        ({}, [{"retryDelay": "soon"}], None),
        ({}, [{"retryDelay": 3}], None),
        ({}, [], None),
    ],
)
def test_the_wanted_delay_is_read_from_where_providers_put_it(
    headers: dict[str, str], details: list[object], delay_s: float | None
) -> None:
    body = Body({"error": {"details": details}})
    assert server_delay_s(httpx2.Headers(headers), body) == delay_s


@pytest.mark.parametrize(
    ("message", "cleaned"),
    [
        ("key my-secret is bad", "key [key] is bad"),
        ("Incorrect API key provided: sk-proj-abc***xyz.", "Incorrect API key provided: [key]"),
        ("Bearer abc.def sent", "[key] sent"),
        ("GET https://x/y?key=abc&z=1", "GET https://x/y?key=[key]&z=1"),
        ("AIzaSyA1234567890123456", "[key]"),
        ("got data:image/png;base64,iVBORw0KGgo= here", "got [media] here"),
        (f"got {'iVBORw0KGgo' * 20}", "got [...]"),
        ("two\nlines\x1b[31m\u202e", "two lines [31m"),
        ("you said: Look\nhere!", "you said: [prompt]"),
        (r"you said: Look\nhere!", "you said: [prompt]"),
        ("a task is not a key", "a task is not a key"),
    ],
)
def test_a_message_is_one_clean_line(message: str, cleaned: str) -> None:
    assert READER.clean(message, "Look\nhere!") == cleaned


def test_a_long_message_is_cut() -> None:
    assert len(READER.clean("word " * 1000)) == MAX_CHARACTERS
