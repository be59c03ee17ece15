"""The HTTP client that all providers of a run share, and the cleaning of messages that come from outside."""

import re
from collections.abc import Iterable, Sequence

import httpx2

from descan.collect.providers.model_settings import ModelSettings

CONNECT_TIMEOUT_S = 20.0
MAX_CHARACTERS = 300
"""Of a cleaned message."""

_KEEPALIVE_S = 60.0
_LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")

_KEY = "[key]"
_KEY_LIKE = re.compile(
    r"\bBearer\s+\S+"
    r"|\b(?:sk|pk|rk|gsk|xai|hf|key)[-_][A-Za-z0-9*._-]{6,}"
    r"|\bAIza[A-Za-z0-9*_-]{10,}"
    r"|\bAQ\.[A-Za-z0-9*_-]{10,}"
    r"|(?<=[?&]key=)[^&\s\"']+"
)
_DATA_URL = re.compile(r"data:[a-z]+/[a-z0-9.+-]+;base64,[A-Za-z0-9+/=_-]*", re.IGNORECASE)
_LONG_RUN = re.compile(r"[A-Za-z0-9+/=_-]{80,}")
_SHORTEST_SECRET = 4


def make_http_client(models: Sequence[ModelSettings]) -> httpx2.AsyncClient:
    """Make the client; the caller closes it.

    It has a connection for each request that may be in flight, so no request waits for one. Proxies from the
    environment are used, except for servers on this machine.

    Args:
        models: Those that will be asked through it.
    """
    n_connections = max(1, sum(model.concurrency for model in models))
    slowest_s = max((model.timeout_s for model in models), default=ModelSettings.model_fields["timeout_s"].default)
    return httpx2.AsyncClient(
        limits=httpx2.Limits(
            max_connections=n_connections, max_keepalive_connections=n_connections, keepalive_expiry=_KEEPALIVE_S
        ),
        timeout=httpx2.Timeout(slowest_s, connect=CONNECT_TIMEOUT_S),
        mounts={f"all://{host}": None for host in _LOOPBACK_HOSTS},
    )


class Redactor:
    """Removes keys, media and prompts from messages."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Remember the keys in use."""
        self._secrets = sorted({s for s in secrets if len(s) >= _SHORTEST_SECRET}, key=len, reverse=True)

    def clean(self, message: str, prompt: str = "") -> str:
        """Return a message as one line of at most 300 characters.

        Args:
            message: From a provider or an SDK.
            prompt: The prompt of the call, which a server may have sent back.
        """
        for secret in self._secrets:
            message = message.replace(secret, _KEY)
        for form in (prompt, prompt.replace("\n", "\\n")) if prompt.strip() else ():
            message = message.replace(form, "[prompt]")
        message = _DATA_URL.sub("[media]", message)
        message = _KEY_LIKE.sub(_KEY, message)
        message = _LONG_RUN.sub("[...]", message)
        message = " ".join("".join(c if c.isprintable() else " " for c in message).split())
        return message if len(message) <= MAX_CHARACTERS else message[: MAX_CHARACTERS - 3] + "..."
