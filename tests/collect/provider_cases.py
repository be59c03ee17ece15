"""What the tests of providers share: a picture to ask about, and one question to our own server."""

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from PIL import Image

from descan.collect.providers import Providers
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import Call, CallError, FaultScope, Provider, Reply
from descan.media.media_files import Part
from tests.vlm_server import VlmServer

OPENAI_KEY = "sk-proj-Abc123Abc123Abc123"
GEMINI_KEY = "AIzaSyAbc123Abc123Abc123Abc123"
PROMPT = "Describe the facial expression of the person in the photo."

CHAT = ModelSettings(provider="openai", model="gpt-4o-2024-11-20", timeout_s=5)
RESPONSES = CHAT.model_copy(update={"api": "responses"})
GEMINI = ModelSettings(provider="gemini", model="gemini-2.5-flash", timeout_s=5)

FAULTS_OF_BODIES = [
    ("reset_before_body", FaultScope.ATTEMPT, "reset", ""),
    ("reset_in_body", FaultScope.ATTEMPT, "reset", ""),
    ("truncated_body", FaultScope.ATTEMPT, "truncated_body", ""),
    ("html_body", FaultScope.ATTEMPT, "html_body", ""),
    ("empty_body", FaultScope.ATTEMPT, "empty_body", ""),
    ("malformed_json", FaultScope.ATTEMPT, "not_json", ""),
    ("not_an_object", FaultScope.ATTEMPT, "not_an_object", ""),
]
"""Faults of every provider's server: the fault, what it ends, its code, and words of the advice."""


def picture(color: str = "red") -> Part:
    buffer = io.BytesIO()
    Image.new("RGB", (16, 16), color).save(buffer, "PNG")
    return part_of(buffer.getvalue(), "image/png")


def part_of(data: bytes, mime_type: str) -> Part:
    return Part(data, mime_type, hashlib.sha256(data).hexdigest())


def question(prompt: str = PROMPT, color: str = "red") -> Call:
    return Call(prompt, (picture(color),))


def environ_of(server: VlmServer) -> dict[str, str]:
    return {
        "OPENAI_BASE_URL": server.openai_base_url,
        "GOOGLE_GEMINI_BASE_URL": server.gemini_base_url,
        "OPENAI_API_KEY": OPENAI_KEY,
        "GOOGLE_API_KEY": GEMINI_KEY,
    }


@asynccontextmanager
async def open_provider(server: VlmServer, settings: ModelSettings) -> AsyncIterator[Provider]:
    async with Providers([settings], environ_of(server)) as providers:
        yield providers.get(settings)


def ask(server: VlmServer, settings: ModelSettings, call: Call | None = None) -> Reply:
    """Return the reply to one request.

    Raises:
        CallError: If there is none.
    """

    async def ask_once() -> Reply:
        async with open_provider(server, settings) as provider:
            return await provider.ask(call or question(), settings)

    return asyncio.run(ask_once())


def fault_of(server: VlmServer, settings: ModelSettings, call: Call | None = None) -> CallError:
    """Return the fault of one request."""
    with pytest.raises(CallError) as caught:
        ask(server, settings, call)
    return caught.value
