"""Bodies that a provider sends; every field may be missing or of another type."""

import json
import math
import re
from dataclasses import dataclass

from descan.collect.providers.protocol import CallError, FaultScope
from descan.records import Status

MAX_COUNT = 10**12
"""A larger number is not a count of tokens."""

_SURROGATE = re.compile(r"[\ud800-\udfff]")
_PROBLEMS = {
    "empty_body": "the reply has no body",
    "html_body": "the reply is an HTML page",
    "not_json": "the reply is not JSON",
    "not_an_object": "the reply is not a JSON object",
}


@dataclass(frozen=True, slots=True)
class Body:
    """A JSON value whose fields are looked up by path; a field of another type counts as missing."""

    value: object

    @classmethod
    def parse(cls, raw: bytes, request_id: str = "") -> "Body":
        """Parse a JSON object; bytes that are not UTF-8 become U+FFFD.

        Raises:
            CallError: If it is not one; the code is `empty_body`, `html_body`, `not_json` or `not_an_object`.
        """
        text = raw.decode("utf-8-sig", errors="replace").strip()
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            code = "html_body" if text.startswith("<") else "not_json" if text else "empty_body"
        else:
            if isinstance(value, dict):
                return cls(value)
            code = "not_an_object"
        problem = f"{code}: {_PROBLEMS[code]}"
        raise CallError(FaultScope.ATTEMPT, code, problem, body=raw, request_id=request_id)

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

    def count_beside(self, known: str, *path: str) -> int | None:
        """Return the count at a path; 0 where only `known`, beside it, has one: some services omit counts of 0."""
        found = self.count(*path)
        return 0 if found is None and self.count(*path[:-1], known) is not None else found

    def number(self, *path: str | int) -> float:
        """Return the number at a path, or minus infinity."""
        value = self.at(*path).value
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else -math.inf

    def is_true(self, *path: str | int) -> bool:
        """Return whether there is a `true` at a path."""
        return self.at(*path).value is True


def judge_text(text: str, finish: str, *, is_cut: bool, is_complete: bool, said: str = "") -> tuple[Status, str]:
    """Return the status of a reply that was neither refused nor blocked, and why its text is not complete.

    Args:
        text: What the model wrote.
        finish: Why it stopped, in the provider's words.
        is_cut: Whether that means that the tokens ran out.
        is_complete: Whether that means that it had said everything.
        said: What else the provider says about an unknown reason.
    """
    if is_cut:
        return Status.TRUNCATED, "" if text.strip() else "no text: the tokens ran out before the answer"
    detail = "" if is_complete else f"ended for an unknown reason: {finish or 'none given'}{said and '; ' + said}"
    return Status.OK if text.strip() else Status.EMPTY, detail
