"""What is asked of a provider, and what comes back."""

from base64 import b64encode
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from descan.collect.providers.model_settings import ModelSettings
from descan.errors import ProviderError
from descan.records import Status


@dataclass(frozen=True, slots=True)
class Part:
    """A picture or clip, ready to be sent.

    Attributes:
        data: The encoded file.
        mime_type: `image/jpeg`, `image/png`, `image/webp`, or `video/...`.
        sha256: Of `data`, in hexadecimal.
    """

    data: bytes
    mime_type: str
    sha256: str

    def data_url(self) -> str:
        """Encode the file in base64; it is not kept, for what 64 requests hold at once should be little."""
        return f"data:{self.mime_type};base64,{b64encode(self.data).decode('ascii')}"


@dataclass(frozen=True, slots=True)
class Call:
    """One request: the media first, then the prompt.

    Attributes:
        prompt: The whole text of the prompt.
        parts: The media, in the order in which the model gets them.
    """

    prompt: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for one request, good or not: it was paid for, so it is kept.

    Attributes:
        status: How it ended.
        text: What the model wrote, empty if nothing.
        finish_reason: As the provider says it.
        detail: Why there is no (whole) text: block reason and ratings, the words of a refusal; else empty.
        served_model: The model that answered, as the provider says it, or empty.
        input_tokens: None where the provider does not say; so are the other counts.
        output_tokens: Tokens of the answer without thinking.
        thinking_tokens: Tokens of the model's thinking.
        cached_tokens: Those of the input that were cached.
        request_id: The provider's name for the request, or empty.
        body: The raw body; of Gemini as the SDK decodes it, so that bytes that are not UTF-8 are U+FFFD already.
    """

    status: Status
    text: str
    finish_reason: str = ""
    detail: str = ""
    served_model: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    thinking_tokens: int | None = None
    cached_tokens: int | None = None
    request_id: str = ""
    body: bytes = b""


class FaultScope(StrEnum):
    """What a fault ends."""

    ATTEMPT = "attempt"
    """Transient: try again, within bounds."""

    ITEM = "item"
    """Permanent for this item: it is stored as failed, for that is data."""

    MODEL = "model"
    """Permanent for the run: this model stops, the others go on."""


class CallError(ProviderError):
    """A request without a usable reply.

    Attributes:
        scope: What it ends.
        code: A stable name: the HTTP status and the provider's own code (`429 insufficient_quota`), or what
            happened (`timeout`, `reset`, `truncated_body`, `html_body`, `empty_body`, `not_json`, ...).
        advice: What the user can do, empty if nothing.
        delay_s: Seconds after which the provider wants the next attempt, or None.
        body: The raw body, if there was one.
        request_id: The provider's name for the request, or empty.
        reply: What came back all the same and was paid for, as from a rerouted model; or None.
    """

    def __init__(
        self,
        scope: FaultScope,
        code: str,
        message: str,
        *,
        advice: str = "",
        delay_s: float | None = None,
        body: bytes = b"",
        request_id: str = "",
        reply: Reply | None = None,
    ) -> None:
        """Say what happened in one line; `message` must hold no key."""
        super().__init__(message)
        self.scope = scope
        self.code = code
        self.advice = advice
        self.delay_s = delay_s
        self.body = body
        self.request_id = request_id
        self.reply = reply


class Provider(Protocol):
    """A service that answers calls; one lazily imported module each."""

    sdk: str
    """Name and version of the SDK, as in `openai 3.52.0`."""

    takes_video: bool
    """Whether a video goes as it is; else frames of it are sent."""

    async def ask(self, call: Call, settings: ModelSettings) -> Reply:
        """Send one request, once.

        Raises:
            CallError: If there is no reply that ends the matter.
        """
        ...

    async def close(self) -> None:
        """Free what the provider holds; the shared HTTP client is not its own."""
        ...
