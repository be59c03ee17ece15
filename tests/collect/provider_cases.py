"""What the tests of providers share: a picture to ask about, and one question to our own server."""

import hashlib
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from PIL import Image

from descan.collect.providers import Providers
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import Call, CallError, Provider, Reply
from descan.media.media_files import Part
from tests.vlm_server import VlmServer

OPENAI_KEY = "sk-proj-Abc123Abc123Abc123"
GEMINI_KEY = "AIzaSyAbc123Abc123Abc123Abc123"
PROMPT = "Describe the facial expression of the person in the photo."

CHAT = ModelSettings(provider="openai", model="gpt-4o-2024-11-20", timeout_s=5)
RESPONSES = CHAT.model_copy(update={"api": "responses"})
GEMINI = ModelSettings(provider="gemini", model="gemini-2.5-flash", timeout_s=5)


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


async def ask(server: VlmServer, settings: ModelSettings, call: Call | None = None) -> Reply | CallError:
    """Return the reply to one request, or its fault."""
    async with open_provider(server, settings) as provider:
        try:
            return await provider.ask(call or question(), settings)
        except CallError as error:
            return error
