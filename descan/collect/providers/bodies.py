"""Bodies that a provider sends; every field may be missing or of another type."""

import json
import re
from dataclasses import dataclass

MAX_COUNT = 10**12
"""A larger number is not a count of tokens."""

_SURROGATE = re.compile(r"[\ud800-\udfff]")


class BodyError(ValueError):
    """A body is not a JSON object.

    Attributes:
        code: `empty_body`, `html_body`, `not_json` or `not_an_object`.
    """

    def __init__(self, code: str) -> None:
        """Say what the body is instead."""
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Body:
    """A JSON value whose fields are looked up by path; a field of another type counts as missing."""

    value: object

    @classmethod
    def parse(cls, raw: bytes) -> "Body":
        """Parse a JSON object; bytes that are not UTF-8 become U+FFFD.

        Raises:
            BodyError: If it is not one.
        """
        text = raw.decode("utf-8-sig", errors="replace")
        if not text.strip():
            raise BodyError("empty_body")
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            raise BodyError("html_body" if text.lstrip().startswith("<") else "not_json") from None
        if not isinstance(value, dict):
            raise BodyError("not_an_object")
        return cls(value)

    def at(self, *path: str | int) -> "Body":
        """Return the value at a path of keys and indices, or a Body of None if there is none."""
        value = self.value
        for step in path:
            if isinstance(value, dict) and isinstance(step, str):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
                value = value[step]
            else:
                return Body(None)
        return Body(value)

    def each(self, *path: str | int) -> list["Body"]:
        """Return the entries of the list at a path; none if there is no list."""
        value = self.at(*path).value
        return [Body(entry) for entry in value] if isinstance(value, list) else []

    def text(self, *path: str | int) -> str:
        """Return the string at a path, or an empty one; lone surrogates become U+FFFD."""
        value = self.at(*path).value
        return _SURROGATE.sub("\ufffd", value) if isinstance(value, str) else ""

    def count(self, *path: str | int) -> int | None:
        """Return the whole number, 0 or more, at a path, or None."""
        value = self.at(*path).value
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return int(value) if 0 <= value <= MAX_COUNT and value == value // 1 else None

    def is_true(self, *path: str | int) -> bool:
        """Return whether there is a `true` at a path."""
        return self.at(*path).value is True
