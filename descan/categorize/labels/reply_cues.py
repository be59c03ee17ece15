"""Replies in other languages, put into the cues by which every reply is read: `replies.yaml`, checked."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated

from pydantic import Field, RootModel

from descan.lexicon import lexicon_path, read_yaml

_Phrases = Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1)]


class ReplyCueFile(RootModel[dict[str, _Phrases]]):
    """`replies.yaml`: what stands for phrases of the language -> the phrases."""


class ReplyCues:
    """Puts replies of a language into the cues of `lexicons/en/labels.yaml`."""

    def __init__(self, cues: Mapping[str, list[str]]) -> None:
        """Compile the phrases; the longest one at a place counts."""
        self._cue_of = {phrase: cue for cue, phrases in cues.items() for phrase in phrases}
        longest_first = sorted(self._cue_of, key=lambda phrase: (-len(phrase), phrase))
        self._phrase = re.compile("|".join(map(re.escape, longest_first)))

    def put(self, text: str) -> str:
        """Return a reply with cues for the phrases that it has."""
        return self._phrase.sub(lambda match: self._cue_of[match[0]], text)


@lru_cache
def load_reply_cues(language: str) -> ReplyCues | None:
    """Load the phrases of a language; None where it has none of its own.

    Raises:
        InputError: If the file is not as its schema says.
    """
    path = lexicon_path(language, "replies.yaml")
    return ReplyCues(read_yaml(path, ReplyCueFile).root) if path.is_file() else None
