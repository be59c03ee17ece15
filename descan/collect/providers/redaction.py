"""What may be said of a message that comes from outside: one short line without keys, media or prompts."""

import re
from collections.abc import Iterable

MAX_CHARACTERS = 300

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


class Redactor:
    """Cleans messages of what must not be repeated."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Remember the keys in use."""
        self._secrets = sorted({s for s in secrets if len(s) >= _SHORTEST_SECRET}, key=len, reverse=True)

    def clean(self, message: str, prompt: str = "") -> str:
        """Give a message as one line of at most 300 characters.

        Args:
            message: Words of a provider or an SDK.
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
