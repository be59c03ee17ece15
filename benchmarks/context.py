"""medspaCy's ConText: which of the given spans of the given texts are negated, and how long does it take to say so?

medspaCy wants an older spaCy than descan, so it has an environment of its own, where this module runs as a program.
Therefore nothing of descan is imported here, and both sides talk in JSON. The texts are tokenized and parted into
sentences beforehand: only the component is timed, with its default rules.
"""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol, TypedDict

import spacy

SETUP = "get it with '.venv/bin/python -m venv .venv/medspacy && .venv/medspacy/bin/pip install medspacy==1.3.1'"
"""What a user does whose machine does not have it."""

_ROOT = Path(__file__).parents[1]
_PYTHON = _ROOT / ".venv" / "medspacy" / "bin" / "python"
_GROUP = "medspacy_spans"


class MarkedText(TypedDict):
    """A text and the character offsets of its mentions."""

    text: str
    spans: list[tuple[int, int]]


class ContextResult(TypedDict):
    """What ConText says of each span of each text, its CPU microseconds a text, and the versions that said so."""

    negated: list[list[bool]]
    microseconds: float
    versions: str


class Span(Protocol):
    """Character offsets of a mention."""

    @property
    def start(self) -> int:
        """Of its first character."""

    @property
    def end(self) -> int:
        """Behind its last character."""


def is_installed() -> bool:
    """Whether medspaCy's environment is there."""
    return _PYTHON.is_file()


def mark(text: str, mentions: Sequence[Span]) -> MarkedText:
    """Return a text and its mentions as ConText is to have them."""
    return {"text": text, "spans": [(mention.start, mention.end) for mention in mentions]}


def run_context(texts: Sequence[MarkedText]) -> ContextResult:
    """Run ConText in medspaCy's environment, in a fresh process."""
    command = [str(_PYTHON), "-P", __file__]
    done = subprocess.run(command, cwd=_ROOT, input=json.dumps(texts), capture_output=True, text=True, check=True)
    result: ContextResult = json.loads(done.stdout)
    return result


def _main() -> None:
    """Read marked texts from standard input and print the result."""
    from medspacy.context import ConText  # type: ignore[import-not-found]

    texts: list[MarkedText] = json.load(sys.stdin)
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    context = ConText(nlp, input_span_type="group", span_group_name=_GROUP)
    context(_tokenize(nlp, {"text": "She is not smiling.", "spans": [(11, 18)]}))
    docs = [_tokenize(nlp, text) for text in texts]
    begin = time.process_time()
    for doc in docs:
        context(doc)
    result: ContextResult = {
        "microseconds": (time.process_time() - begin) / len(docs) * 1e6,
        "negated": [[bool(span._.is_negated) for span in doc.spans[_GROUP]] for doc in docs],
        "versions": f"medspacy {version('medspacy')}, spacy {version('spacy')}",
    }
    print(json.dumps(result))


def _tokenize(nlp: Any, text: MarkedText) -> Any:
    """Make a document with its mentions; one that parts a token takes the whole token."""
    doc = nlp(text["text"])
    spans = [doc.char_span(start, end, label="MENTION", alignment_mode="expand") for start, end in text["spans"]]
    doc.spans[_GROUP] = spans
    return doc


if __name__ == "__main__":
    _main()
