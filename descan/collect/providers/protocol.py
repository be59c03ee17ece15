"""What descan asks of a provider, and what comes back."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal, Protocol

from descan.collect.providers.decisions import Decide
from descan.collect.providers.model_settings import ModelSettings
from descan.errors import ProviderError
from descan.media.media_files import Part
from descan.records import Status


@dataclass(frozen=True, slots=True)
class Call:
    """One request: the media first, then the prompt.

    Attributes:
        prompt: The whole text of the prompt.
        parts: The media, in the order in which the model gets them.
        decide: The questions of mode `decide`, or None.
    """

    prompt: str
    parts: tuple[Part, ...]
    decide: Decide | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for one request. It was paid for, so it is stored whatever its status.

    Attributes:
        status: How the request ended.
        text: What the model wrote, empty if nothing.
        finish_reason: In the provider's words.
        detail: Why there is no complete text: block reason and ratings, the words of a refusal; else empty.
        served_model: The model that answered, in the provider's words, or empty.
        input_tokens: None where the provider does not say; so are the other counts.
        output_tokens: Tokens of the answer without thinking.
        thinking_tokens: Tokens of the model's thinking.
        cached_tokens: Those of the input that were read from a cache.
        cache_write_tokens: Those of the input that were written to a cache.
        service_tier: The tier that served the request, in the provider's words, or empty.
        retires_on: The day on which the provider retires the model, as YYYY-MM-DD, or empty.
        request_id: The provider's name for the request, or empty.
        body: The raw body.
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
    cache_write_tokens: int | None = None
    service_tier: str = ""
    retires_on: str = ""
    request_id: str = ""
    body: bytes = b""


class FaultScope(StrEnum):
    """What a fault ends."""

    ATTEMPT = "attempt"
    """Transient: try again, within bounds."""

    ITEM = "item"
    """Permanent for this item: it is stored as failed, which is data."""

    MODEL = "model"
    """Permanent for the run: this model stops, the others go on."""


Blame = Literal["", "key", "model", "picture", "parameter"]
"""What of a request a server refuses, where that is known."""


class CallError(ProviderError):
    """A request without a usable reply.

    Attributes:
        scope: What it ends.
        blame: What the server refuses, empty if that is not known.
        code: A stable name: the HTTP status and the provider's own code (`429 insufficient_quota`), or what
            happened (`timeout`, `reset`, `truncated_body`, `html_body`, `empty_body`, `not_json`, ...).
        advice: What the user can do, empty if nothing.
        delay_s: Seconds that the provider asks us to wait before the next attempt, or None.
        body: The raw body, if there was one.
        request_id: The provider's name for the request, or empty.
        reply: A reply that came nevertheless and was paid for, such as one from another model; or None.
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
        blame: Blame = "",
    ) -> None:
        """Describe the fault in one line; `message` must contain no key."""
        super().__init__(message)
        self.blame = blame
        self.scope = scope
        self.code = code
        self.advice = advice
        self.delay_s = delay_s
        self.body = body
        self.request_id = request_id
        self.reply = reply

    def describe(self) -> str:
        """Return the message, preceded by the stable name of the fault."""
        return describe_fault(self.code, str(self))

    def describe_with_advice(self) -> str:
        """Return the description, and what the user can do if anything."""
        return f"{self.describe()}; {self.advice}" if self.advice else self.describe()


def describe_fault(code: str, problem: str) -> str:
    """Return a problem, preceded by the stable name of its fault."""
    return problem if problem.startswith(code) else f"{code}: {problem}"


@dataclass(frozen=True, slots=True)
class BatchState:
    """What a provider says about a batch.

    Attributes:
        batch_id: The provider's name for it.
        token: Our name for it, or empty if it is not ours.
        status: In the provider's words.
        is_over: Whether its results, if any, can be fetched.
        has_failed: Whether it was turned down as a whole.
        n_done: Requests that have ended, well or not.
        result_ids: Files with the results.
        file_ids: All its files at the provider.
        problem: Why it failed, else empty.
    """

    batch_id: str
    token: str
    status: str
    is_over: bool
    has_failed: bool
    n_done: int
    result_ids: tuple[str, ...]
    file_ids: tuple[str, ...]
    problem: str


class Batches(Protocol):
    """The ability to answer files of requests later, at a lower price. Each method makes one attempt.

    All methods but `encode` and `parse_results` raise CallError if the provider does not do it.
    """

    max_requests: int
    """In one batch."""

    max_bytes: int
    """Of the file of one batch."""

    def encode(self, custom_id: str, call: Call, settings: ModelSettings) -> bytes:
        """Write one line of a file of requests; `custom_id` comes back with the reply."""
        ...

    async def submit(self, path: Path, token: str, settings: ModelSettings) -> BatchState:
        """Upload a file of requests and start a batch that carries our token."""
        ...

    async def find(self, token: str) -> BatchState | None:
        """Return the batch that carries a token, or None if there is none."""
        ...

    async def look_up(self, batch_id: str) -> BatchState:
        """Return the state of a batch."""
        ...

    async def download(self, file_id: str, path: Path) -> None:
        """Download a file of results."""
        ...

    async def delete(self, file_id: str) -> None:
        """Delete a file at the provider."""
        ...

    def parse_results(self, path: Path, settings: ModelSettings) -> Iterator[tuple[str, Reply | CallError]]:
        """Yield `custom_id` and result of each request; lines that are not JSON objects are skipped."""
        ...


class Provider(Protocol):
    """A service that answers calls; one lazily imported module each."""

    sdk: str
    """Name and version of the SDK, as in `openai 3.52.0`."""

    batches: Batches | None
    """None if the provider takes none."""

    async def ask(self, call: Call, settings: ModelSettings) -> Reply:
        """Send one request, once.

        Raises:
            CallError: If there is no usable reply.
        """
        ...

    def discard(self, sha256s: Collection[str]) -> None:
        """Begin to delete what was uploaded of media that no further call needs, by their hashes."""
        ...

    async def close(self) -> None:
        """Release what the provider holds, but not the shared HTTP client."""
        ...
