"""The test server, asked by the real SDKs: it speaks as the providers do, and sees what is wrong with a request."""

import asyncio
import base64
import hashlib
import io
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from google import genai
from google.genai import types
from openai import AsyncOpenAI
from PIL import Image

from tests.vlm_server import VlmServer

KEY = "test-key-0123456789"
PROMPT = "Describe the facial expression of the person."
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


@pytest.fixture
def server(shared: Path) -> Iterator[VlmServer]:
    with VlmServer(spec_path=shared / "specs" / "openai-openapi.json") as server:
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
