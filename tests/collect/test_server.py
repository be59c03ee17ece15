"""The test server, asked by the real SDKs: it speaks as the providers do, and sees what is wrong with a request."""

import asyncio
import base64
import hashlib
import io
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx2
import openai
import pytest
from google import genai
from google.genai import errors, types
from openai import AsyncOpenAI
from PIL import Image

from tests.vlm_server import BatchCourse, FaultRule, Generated, ModelRequest, Script, VlmServer, closed_base_url

KEY = "test-key-0123456789"
PROMPT = "Describe the facial expression of the person."
GEMINI_BODY = {"contents": [{"role": "user", "parts": [{"text": PROMPT}]}]}
CLASSIFY = "Name one: Anger, Disgust, Fear, Happy, Neutral, Sad, Surprise."


def draw_picture(color: str = "red") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), color).save(buffer, "PNG")
    return buffer.getvalue()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def chat_body(prompt: str = PROMPT, picture: bytes | None = None, model: str = "gpt-4o-2024-11-20") -> dict[str, Any]:
    url = f"data:image/png;base64,{base64.b64encode(picture or draw_picture()).decode()}"
    content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": prompt}]
    return {"model": model, "messages": [{"role": "user", "content": content}], "seed": 1, "store": False}


@asynccontextmanager
async def open_openai(server: VlmServer) -> AsyncIterator[AsyncOpenAI]:
    async with httpx2.AsyncClient(trust_env=False, timeout=10) as http:
        yield AsyncOpenAI(base_url=server.openai_base_url, api_key=KEY, max_retries=0, http_client=http)


@asynccontextmanager
async def open_gemini(server: VlmServer) -> AsyncIterator[genai.client.AsyncClient]:
    async with httpx2.AsyncClient(trust_env=False, timeout=10) as http:
        options = types.HttpOptions(base_url=server.gemini_base_url, api_version="v1beta", httpx_async_client=http)
        yield genai.Client(api_key=KEY, http_options=options).aio


async def ask_chat(server: VlmServer, **changes: Any) -> Any:
    async with open_openai(server) as client:
        return await client.chat.completions.create(**(chat_body() | changes))


async def ask_gemini(server: VlmServer, prompt: str = PROMPT, picture: bytes | None = None, **config: Any) -> Any:
    contents: list[Any] = [types.Part.from_bytes(data=picture or draw_picture(), mime_type="image/png"), prompt]
    async with open_gemini(server) as client:
        return await client.models.generate_content(
            model="gemini-2.5-flash",
            contents=contents,
            config=types.GenerateContentConfig(
                automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True), **config
            ),
        )


def address(server: VlmServer, protocol: str) -> tuple[str, dict[str, str]]:
    if protocol == "gemini":
        return f"{server.gemini_base_url}/v1beta/models/gemini-2.5-flash:generateContent", {"x-goog-api-key": KEY}
    return f"{server.openai_base_url}/chat/completions", {"Authorization": f"Bearer {KEY}"}


@pytest.fixture
def server() -> Iterator[VlmServer]:
    with VlmServer() as server:
        yield server


def test_chat_completions_are_answered_by_the_hash_of_the_picture(server: VlmServer) -> None:
    first, again, other = (
        asyncio.run(ask_chat(server, **chat_body(picture=draw_picture(color)))) for color in ("red", "red", "blue")
    )
    texts = [reply.choices[0].message.content for reply in (first, again, other)]
    assert texts[0] == texts[1] != texts[2]
    assert (first.model, first.choices[0].finish_reason, first._request_id) == ("gpt-4o-2024-11-20", "stop", "req_1")
    assert first.usage.total_tokens == first.usage.prompt_tokens + first.usage.completion_tokens
    assert server.violations == []
    assert server.counts.n_paid == 3
    assert server.counts.n_bought_twice() == 1


def test_responses_are_answered(server: VlmServer) -> None:
    async def ask() -> Any:
        url = chat_body()["messages"][0]["content"][0]["image_url"]["url"]
        content = [
            {"type": "input_image", "image_url": url, "detail": "auto"},
            {"type": "input_text", "text": CLASSIFY},
        ]
        async with open_openai(server) as client:
            message: Any = {"role": "user", "content": content}
            return await client.responses.create(model="gpt-4o", input=[message], store=False)

    reply = asyncio.run(ask())
    assert reply.output_text in CLASSIFY
    assert reply.status == "completed"
    assert server.violations == []


def test_generate_content_is_answered(server: VlmServer) -> None:
    thinking = types.ThinkingConfig(thinking_level=types.ThinkingLevel.LOW)
    reply = asyncio.run(ask_gemini(server, CLASSIFY, seed=1, temperature=0, thinking_config=thinking))
    assert reply.text in CLASSIFY
    assert reply.model_version == "gemini-2.5-flash"
    assert reply.candidates[0].finish_reason == types.FinishReason.STOP
    assert server.violations == []


@pytest.mark.parametrize(
    ("prompt", "allowed"),
    [
        (CLASSIFY, {"Anger", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise"}),
        (CLASSIFY.replace("Neutral, ", ""), {"Anger", "Disgust", "Fear", "Happy", "Sad", "Surprise"}),
        ("Is the face Neutral or not?", {"Neutral", "Not neutral"}),
    ],
)
def test_a_label_is_one_of_those_that_the_prompt_offers(server: VlmServer, prompt: str, allowed: set[str]) -> None:
    for color in ("red", "green", "blue"):
        reply = asyncio.run(ask_gemini(server, prompt, draw_picture(color)))
        assert reply.text in allowed


REPLIES = {
    "408": 408, "409": 409, "429": 429, "429_seconds": 429, "429_milliseconds": 429, "429_date": 429,
    "429_long_pause": 429,
    "500": 500, "503": 503, "401": 401, "403": 403, "404": 404, "400_image": 400, "400_request": 400,
    "413": 413, "422": 422,
}  # fmt: skip


@pytest.mark.parametrize(("fault", "status"), [*REPLIES.items(), ("429_insufficient_quota", 429)])
def test_openai_says_an_error_by_its_status(server: VlmServer, fault: str, status: int) -> None:
    server.script = Script(faults=(FaultRule(fault),))
    with pytest.raises(openai.APIStatusError) as caught:
        asyncio.run(ask_chat(server))
    assert caught.value.status_code == status
    assert caught.value.request_id == "req_1"
    assert server.counts.n_paid == 0


GEMINI_ONLY = {"429_retry_info": 429, "429_quota_a_day": 429, "400_api_key_invalid": 400}


@pytest.mark.parametrize(("fault", "status"), [*REPLIES.items(), *GEMINI_ONLY.items()])
def test_gemini_says_an_error_by_its_status(server: VlmServer, fault: str, status: int) -> None:
    server.script = Script(faults=(FaultRule(fault),))
    with pytest.raises(errors.APIError) as caught:
        asyncio.run(ask_gemini(server))
    assert caught.value.code == status
    assert server.counts.n_paid == 0


@pytest.mark.parametrize(
    ("fault", "kind", "n_paid"),
    [
        ("reset_before_body", httpx2.TransportError, 1),
        ("reset_in_body", httpx2.TransportError, 1),
        ("truncated_body", httpx2.RemoteProtocolError, 1),
        ("stalled_body", httpx2.ReadTimeout, 1),
        ("html_body", ValueError, 0),
        ("empty_body", ValueError, 0),
        ("malformed_json", ValueError, 1),
        ("non_utf8", ValueError, 1),
    ],
)
@pytest.mark.parametrize("protocol", ["chat", "gemini"])
def test_a_body_goes_wrong_on_the_way(
    server: VlmServer, fault: str, kind: type[Exception], n_paid: int, protocol: str
) -> None:
    server.script = Script(faults=(FaultRule(fault),))
    body = chat_body() if protocol == "chat" else GEMINI_BODY
    url, headers = address(server, protocol)
    with httpx2.Client(trust_env=False, timeout=0.5) as http, pytest.raises(kind):
        http.post(url, headers=headers, json=body).json()
    assert server.counts.n_paid == n_paid


def test_a_closed_port_refuses() -> None:
    with httpx2.Client(trust_env=False) as http, pytest.raises(httpx2.ConnectError):
        http.get(closed_base_url())


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("safety_block", ("SAFETY", None)),
        ("recitation", ("RECITATION", None)),
        ("max_tokens_without_parts", ("MAX_TOKENS", None)),
        ("stop_without_parts", ("STOP", None)),
    ],
)
def test_gemini_ends_without_a_text(server: VlmServer, fault: str, expected: tuple[str, None]) -> None:
    server.script = Script(faults=(FaultRule(fault),))
    reply = asyncio.run(ask_gemini(server))
    assert (reply.candidates[0].finish_reason.name, reply.text) == expected
    assert server.counts.n_paid == 1


def test_gemini_blocks_a_prompt(server: VlmServer) -> None:
    server.script = Script(faults=(FaultRule("prompt_block"),))
    reply = asyncio.run(ask_gemini(server))
    assert reply.candidates is None
    assert reply.prompt_feedback.block_reason.name == "PROHIBITED_CONTENT"


@pytest.mark.parametrize(
    ("fault", "finish_reason", "has_refusal"),
    [
        ("refusal", "stop", True),
        ("content_filter", "content_filter", False),
        ("length_without_text", "length", False),
        ("unknown_finish_reason", "cosmic_ray", False),
    ],
)
def test_chat_ends_otherwise_than_by_a_text(
    server: VlmServer, fault: str, finish_reason: str, has_refusal: bool
) -> None:
    server.script = Script(faults=(FaultRule(fault),))
    choice = asyncio.run(ask_chat(server)).choices[0]
    assert choice.finish_reason == finish_reason
    assert bool(choice.message.refusal) == has_refusal
    assert bool(choice.message.content) == (fault == "unknown_finish_reason")


def test_another_model_answers(server: VlmServer) -> None:
    server.script = Script(faults=(FaultRule("rerouted", numbers=(2,)),), served_models={"gpt-4o": "gpt-4o-2024-11-20"})
    served = [asyncio.run(ask_chat(server, model="gpt-4o")).model for _ in range(2)]
    assert served == ["gpt-4o-2024-11-20", "another-model-3.8"]


def test_a_rule_strikes_where_all_that_it_says_holds(server: VlmServer) -> None:
    red, blue = draw_picture("red"), draw_picture("blue")
    server.script = Script(faults=(FaultRule("503", media=sha256(red), model="gemini-2.5-flash", n_attempts=2),))
    codes = []
    for picture in (red, blue, red, red):
        try:
            asyncio.run(ask_gemini(server, picture=picture))
            codes.append(200)
        except errors.APIError as error:
            codes.append(error.code)
    assert codes == [503, 200, 503, 200]


def test_an_unknown_fault_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"unknown fault 'sneeze'; use one of 408, 409"):
        FaultRule("sneeze")


def test_an_answer_by_script_sees_the_request(server: VlmServer) -> None:
    def answer(request: ModelRequest) -> Generated:
        size = len(request.media[0].data)
        return Generated(
            f"{request.protocol} {request.model} {size} {request.number} {request.attempt}", thinking_tokens=7
        )

    server.script = Script(answer)
    reply = asyncio.run(ask_gemini(server))
    assert reply.text == f"gemini gemini-2.5-flash {len(draw_picture())} 1 1"
    assert reply.usage_metadata.thoughts_token_count == 7


async def upload(client: genai.client.AsyncClient, data: bytes) -> types.File:
    file = await client.files.upload(
        file=io.BytesIO(data), config=types.UploadFileConfig(mime_type="video/mp4", display_name="clip")
    )
    assert file.name is not None
    return file


async def ask_about(client: genai.client.AsyncClient, file: types.File) -> Any:
    contents: list[Any] = [types.Part.from_uri(file_uri=file.uri or "", mime_type="video/mp4"), PROMPT]
    return await client.models.generate_content(model="gemini-2.5-flash", contents=contents)


def test_a_file_is_processed_used_and_expires(server: VlmServer) -> None:
    seen: list[Any] = []
    server.script = Script(lambda request: request.media[0].sha256)
    data = bytes(range(256)) * 40_000  # more than one chunk of 8 MB

    async def use() -> None:
        async with open_gemini(server) as client:
            file = await upload(client, data)
            seen.append(file.state)
            with pytest.raises(errors.ClientError, match="FAILED_PRECONDITION"):
                await ask_about(client, file)
            seen.append((await client.files.get(name=file.name or "")).state)
            seen.append((await ask_about(client, file)).text)
            server.files.pass_time(timedelta(hours=48))
            for gone in (lambda: ask_about(client, file), lambda: client.files.get(name=file.name or "")):
                with pytest.raises(errors.ClientError, match="may not exist"):
                    await gone()

    asyncio.run(use())
    assert seen == [types.FileState.PROCESSING, types.FileState.ACTIVE, sha256(data)]
    assert server.violations == []
    assert (server.counts.n_uploads, server.counts.n_paid) == (1, 1)


def test_an_upload_fails_or_is_gone_at_its_first_use(server: VlmServer) -> None:
    clips = {"upload_failed": b"a broken clip", "upload_expired": b"an old clip"}
    server.script = Script(faults=tuple(FaultRule(fault, media=sha256(clip)) for fault, clip in clips.items()))

    async def use() -> None:
        async with open_gemini(server) as client:
            failed, expired = [await upload(client, clip) for clip in clips.values()]
            states = [(await client.files.get(name=file.name or "")).state for file in (failed, expired)]
            assert states == [types.FileState.FAILED, types.FileState.ACTIVE]
            with pytest.raises(errors.ClientError, match="may not exist"):
                await ask_about(client, expired)

    asyncio.run(use())


def batch_lines(n: int) -> bytes:
    lines = [
        {"custom_id": f"task-{i}", "method": "POST", "url": "/v1/chat/completions", "body": chat_body(f"{PROMPT} {i}")}
        for i in range(n)
    ]
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


async def create_batch(client: AsyncOpenAI, content: bytes) -> Any:
    file = await client.files.create(file=("requests.jsonl", content), purpose="batch")
    return await client.batches.create(
        input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h", metadata={"run": "7"}
    )


async def watch_batch(client: AsyncOpenAI, name: str) -> tuple[list[str], Any]:
    states: list[str] = []
    while True:
        batch = await client.batches.retrieve(name)
        states.append(batch.status)
        if batch.status in {"completed", "failed", "expired", "cancelled"}:
            return states, batch


async def read_results(client: AsyncOpenAI, batch: Any) -> dict[str, tuple[int | None, str]]:
    results = {}
    for name in (batch.output_file_id, batch.error_file_id):
        for line in (await client.files.content(name)).text.splitlines() if name else ():
            row = json.loads(line)
            response = row["response"]
            results[row["custom_id"]] = (response and response["status_code"], (row["error"] or {}).get("code", ""))
    return results


def test_a_batch_goes_through_its_states_and_leaves_two_files(server: VlmServer) -> None:
    server.script = Script(faults=(FaultRule("400_image", prompt_part="person. 3"),))

    async def use() -> None:
        async with open_openai(server) as client:
            batch = await create_batch(client, batch_lines(6))
            assert batch.status == "validating"
            states, batch = await watch_batch(client, batch.id)
            assert states == ["in_progress", "in_progress", "finalizing", "completed"]
            assert batch.request_counts.model_dump() == {"total": 6, "completed": 5, "failed": 1}
            results = await read_results(client, batch)
            assert results == {f"task-{i}": (400 if i == 3 else 200, "") for i in range(6)}
            output = (await client.files.content(batch.output_file_id)).text.splitlines()
            assert [json.loads(line)["custom_id"] for line in output] != sorted(results.keys() - {"task-3"})

    asyncio.run(use())
    assert server.violations == []
    assert (server.counts.n_paid, server.counts.n_batch) == (5, 5)


def test_an_expired_batch_keeps_what_was_answered(server: VlmServer) -> None:
    server.course = BatchCourse(end="expired")

    async def use() -> None:
        async with open_openai(server) as client:
            states, batch = await watch_batch(client, (await create_batch(client, batch_lines(4))).id)
            assert states[-1] == "expired"
            results = await read_results(client, batch)
            assert sorted(results.values(), key=str) == [(200, ""), (200, ""), *[(None, "batch_expired")] * 2]

    asyncio.run(use())
    assert server.counts.n_paid == 2


def test_a_failed_batch_says_why(server: VlmServer) -> None:
    server.course = BatchCourse(end="failed")

    async def use() -> None:
        async with open_openai(server) as client:
            states, batch = await watch_batch(client, (await create_batch(client, batch_lines(1))).id)
            assert states == ["failed"]
            assert batch.errors.data[0].code == "invalid_json_line"

    asyncio.run(use())
    assert server.counts.n_paid == 0


def test_a_batch_is_cancelled_once(server: VlmServer) -> None:
    async def use() -> None:
        async with open_openai(server) as client:
            batch = await create_batch(client, batch_lines(1))
            assert (await client.batches.cancel(batch.id)).status == "cancelling"
            assert (await watch_batch(client, batch.id))[0] == ["cancelled"]
            with pytest.raises(openai.BadRequestError, match="Cannot cancel"):
                await client.batches.cancel(batch.id)

    asyncio.run(use())


def test_batches_are_listed_in_pages_with_the_newest_first(server: VlmServer) -> None:
    async def use() -> None:
        async with open_openai(server) as client:
            created = [(await create_batch(client, batch_lines(1))).id for _ in range(5)]
            listed = [(batch.id, batch.metadata) async for batch in client.batches.list(limit=2)]
            assert listed == [(name, {"run": "7"}) for name in reversed(created)]

    asyncio.run(use())


PNG = base64.b64encode(draw_picture()).decode()
OTHER_PATH = "/v1/models/gemini-2.5-flash:generateContent"


def gemini_body(**changes: Any) -> dict[str, Any]:
    return GEMINI_BODY | changes


def gemini_part(part: dict[str, Any]) -> dict[str, Any]:
    return {"contents": [{"role": "user", "parts": [{"text": PROMPT}, part]}]}


BAD_REQUESTS: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("chat", chat_body() | {"temprature": 1}, {}, "temprature"),
    ("chat", chat_body() | {"temperature": "hot"}, {}, "$.temperature"),
    ("chat", chat_body() | {"messages": []}, {}, "$.messages"),
    ("chat", chat_body() | {"messages": "hello"}, {}, "not of the protocol's form"),
    ("chat", chat_body(picture=b"no picture"), {}, "a picture cannot be decoded"),
    ("chat", chat_body(prompt=" "), {}, "no prompt"),
    ("chat", chat_body(prompt=f"my key is {KEY}"), {}, "a key in the body"),
    ("chat", chat_body() | {"stream": "yes"}, {}, "$.stream"),
    ("chat", chat_body(), {"params": {"key": KEY}}, "a key in the URL"),
    ("chat", chat_body(), {"headers": {}}, "the key is not in the one right header"),
    ("chat", chat_body(), {"headers": {"x-goog-api-key": KEY}}, "the key is not in the one right header"),
    ("gemini", gemini_body(generationConfig={"temprature": 1}), {}, 'no field named "temprature"'),
    ("gemini", gemini_body(generationConfig={"seed": "x"}), {}, "seed"),
    ("gemini", gemini_body(generationConfig={"thinkingConfig": {"thinkingLevel": "FULL"}}), {}, "use one of MINIMAL"),
    ("gemini", gemini_part({"inlineData": {"mimeType": "image/png", "data": "%%%"}}), {}, "a picture is no base64"),
    ("gemini", gemini_part({"inlineData": {"mimeType": "image/jpeg", "data": PNG}}), {}, "said to be image/jpeg"),
    ("gemini", gemini_body(), {"params": {"key": KEY}}, "a key in the URL"),
    ("gemini", gemini_body(), {"headers": {"Authorization": f"Bearer {KEY}"}}, "not in the one right header"),
]


@pytest.mark.parametrize(("protocol", "body", "changes", "problem"), BAD_REQUESTS)
def test_a_request_that_breaks_a_rule_is_refused_and_noted(
    server: VlmServer, protocol: str, body: dict[str, Any], changes: dict[str, Any], problem: str
) -> None:
    url, headers = address(server, protocol)
    with httpx2.Client(trust_env=False) as http:
        reply = http.post(url, **({"headers": headers, "json": body} | changes))
    assert reply.status_code == 400
    assert problem in reply.json()["error"]["message"]
    assert server.violations == [reply.json()["error"]["message"]]
    assert (server.counts.n_bad, server.counts.n_paid) == (1, 0)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b"null", b'{"messages": [1]}'])
def test_garbage_is_refused(server: VlmServer, body: bytes) -> None:
    url, headers = address(server, "chat")
    with httpx2.Client(trust_env=False) as http:
        assert http.post(url, headers=headers, content=body).status_code == 400
    assert len(server.violations) == 1


def test_the_version_of_the_api_without_system_instructions_is_refused(server: VlmServer) -> None:
    with httpx2.Client(trust_env=False) as http:
        reply = http.post(server.root + OTHER_PATH, headers={"Authorization": f"Bearer {KEY}"}, json=GEMINI_BODY)
    assert "no such route: POST /v1/models/" in reply.json()["error"]["message"]


def test_a_client_that_hangs_up_is_survived_and_its_answer_counted() -> None:
    with VlmServer(latency_s=0.2) as server:
        url, headers = address(server, "chat")
        with httpx2.Client(trust_env=False, timeout=0.05) as http, pytest.raises(httpx2.ReadTimeout):
            http.post(url, headers=headers, json=chat_body())
        with httpx2.Client(trust_env=False) as http:
            assert http.post(url, headers=headers, json=chat_body()).status_code == 200
            counts = http.get(f"{server.root}/counts").json()
    assert (counts["n_paid"], counts["n_in_flight"]) == (2, 0)


def test_a_hundred_clients_are_served_at_once() -> None:
    async def ask_all(server: VlmServer) -> None:
        url, headers = address(server, "chat")
        async with httpx2.AsyncClient(trust_env=False, limits=httpx2.Limits(max_connections=100)) as http:
            bodies = (chat_body(f"{PROMPT} {i}") for i in range(100))
            replies = await asyncio.gather(*(http.post(url, headers=headers, json=body) for body in bodies))
        assert {reply.status_code for reply in replies} == {200}

    with VlmServer(latency_s=0.5, has_checks=False) as server:
        asyncio.run(ask_all(server))
        assert (server.counts.n_paid, server.counts.max_in_flight) == (100, 100)


def test_a_taken_port_is_an_error(server: VlmServer) -> None:
    with pytest.raises(OSError, match="address already in use"), VlmServer(port=int(server.root.rsplit(":", 1)[1])):
        pass
