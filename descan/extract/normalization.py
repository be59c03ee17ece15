"""Text as models write it, made plain for reading: without markup, invisible characters and what is set aside.

Every character of the plain text knows where it stands in the original, so that mentions are quoted from what the model
wrote. Where a character only gives way to another, the plain text is as long as the original.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

import numpy as np

from descan.columns import IntArray
from descan.extract.facs_codes import FacsCodes, Replacement
from descan.lexicon import AsideFile, ThinkingFinder

_JSON: Final = re.compile(r"\s*(?:```\w*\s*)?[\[{]")
_JSON_KEY: Final = re.compile(r""",(?=\s*["'][^"']*["']\s*:)""")
_JSON_MARKS: Final = str.maketrans({'"': " ", "{": "\n", "}": "\n", "[": " ", "]": " "})

_RARE: Final = re.compile(
    r"[<\[&\\`\u00b4\u02bb\u02bc\u2018\u201b\u2032\ua78c\uff07\u2010-\u2012\ufe63\uff0d\-•·▪●◦‣→⇒➔➜=;:!?)_\u00a0\u1680"
    r"\u2000-\u200f\u202a-\u202f\u205f-\u206f\u3000\u00ad\u034f\u061c\u180b-\u180e\ufe00-\ufe0f\ufeff\uff01-\uff5e"
    r"\ufb00-\ufb06\U0001d400-\U0001d7ff]"
)
"""What an irregular stretch begins with. Looking for a set is much faster than for alternatives."""
_IRREGULAR: Final = re.compile(
    r"""
      (?P<tag> <!--.*?--> | <\|[^<>|]{1,60}\|> | </?[A-Za-z][^<>]{0,200}> | \[/?INST\] )
    | (?P<entity> &(?:\#\d{1,7}|\#x[0-9A-Fa-f]{1,6}|[A-Za-z]{2,30}); )
    | (?P<escape> \\(?:["'*_#]|[nrt](?![a-z])) )
    | (?P<apostrophe> [`\u00b4\u02bb\u02bc\u2018\u201b\u2032\ua78c\uff07](?<=[A-Za-z].)(?=[A-Za-z]) )
    | (?P<tick> `+ )
    | (?P<hyphen> [\u2010\u2011\u2012\ufe63\uff0d] )
    | (?P<dash> -(?<=\S[ ]-)(?=[ ]) )
    | (?P<bullet> [-•·▪●◦‣](?<=[\n ].)(?=[A-Za-z]) )
    | (?P<arrow> [-=]>|[→⇒➔➜] )
    | (?P<equals> =(?<=\w=)(?=\w) )
    | (?P<glued> [;:!?)](?<=[A-Za-z0-9)>].)(?=[A-Za-z]) )
    | (?P<space> [\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000_] )
    | (?P<invisible> [\u00ad\u034f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+ )
    | (?P<compatible> [\uff01-\uff5e\ufb00-\ufb06\U0001d400-\U0001d7ff] )
    """,
    re.VERBOSE | re.DOTALL,
)
_INLINE_TAG: Final = re.compile(r"</?(?:a|abbr|b|code|em|font|i|mark|small|span|strong|sub|sup|u)\b", re.IGNORECASE)
_ESCAPED_SPACE: Final = frozenset("nrt")
_PLAIN_FORMS: Final[Mapping[str, Callable[[str], str]]] = {
    "tag": lambda found: "" if _INLINE_TAG.match(found) else "\n",
    "entity": html.unescape,
    "escape": lambda found: " " if found[1] in _ESCAPED_SPACE else found[1],
    "apostrophe": lambda _: "'",
    "tick": lambda found: " " * len(found),
    "hyphen": lambda _: "-",
    "dash": lambda _: "–",
    "bullet": "{} ".format,
    "arrow": lambda _: " : ",
    "equals": lambda _: " : ",
    "glued": "{} ".format,
    "space": lambda _: " ",
    "invisible": lambda _: "",
    "compatible": lambda found: unicodedata.normalize("NFKC", found),
}
"""What stands in the plain text for an irregular stretch."""

_QUOTED: Final = re.compile(r"""["“'‘](?:(?<=["“])[^"“”\n]{1,60}["”]|(?<=\s['‘])[^'‘’\n]{1,60}['’](?!\w))""")
_CAPITALS: Final = re.compile(r"[A-Z][A-Z][A-Z]+(?:\s+[A-Z]{2,})*\b")
_LAST_WORD: Final = re.compile(r"(\w+)[:,]?\s+\Z")
_LONGEST_LEAD: Final = 24
"""Characters before a quotation within which the word stands that leads it in."""

_WRAP: Final = re.compile(r"[^\s.!?:;|>*](?P<break>[ \t]*\r?\n[ \t]*)(?=(?P<next>\w))")
_PARAGRAPH_END: Final = re.compile(r"[.!?\"”')](?=[ \t]*(?:\r?\n|$))|(?:\r?\n[ \t]*){2}")
_LONG_LINE: Final = 50
"""Characters from which a line without an end of its own is taken for one that was wrapped, whatever follows."""


class PlainText(NamedTuple):
    """A text to read.

    Attributes:
        text: Without markup and what is set aside.
        places: Where each of its characters stands in the original; None where that is its own place.
            Shape: (n_characters,).
        is_thinking_set_aside: Whether the original holds thinking aloud.
    """

    text: str
    places: IntArray | None
    is_thinking_set_aside: bool


class Normalizer:
    """Makes texts plain; built once for the asides of a lexicon."""

    def __init__(self, asides: AsideFile, codes: FacsCodes) -> None:
        """Compile what is set aside.

        Args:
            asides: What stands beside the words on the face.
            codes: Finds what is written in FACS codes.
        """
        self._codes = codes
        self._thinking = ThinkingFinder(asides.thinking)
        self._turn = _compile_turn(asides)
        self._leads = (
            (_QUOTED, frozenset(asides.named_after + asides.written_after)),
            (_CAPITALS, frozenset(asides.written_after)),
        )

    def normalize(self, text: str) -> PlainText:
        """Return a text as it is to be read."""
        plain, is_thinking_set_aside = text.replace("’", "'"), False
        for start, end in self._thinking.find(text):
            plain = _blank(plain, start, end)
            is_thinking_set_aside = True
        if turn := self._turn.match(plain):
            plain = _blank(plain, 0, turn.end())
        if _JSON.match(plain):
            plain = _JSON_KEY.sub("\n", plain).translate(_JSON_MARKS)
        plain, places = _rewrite(plain, _find_irregular(plain), None)
        plain, places = _rewrite(plain, self._codes.find(plain), places)
        if "\n" in plain:
            plain = _unwrap(plain)
        return PlainText(self._blank_named(plain), places, is_thinking_set_aside)

    def _blank_named(self, text: str) -> str:
        """Set aside words that are named and not used, and what is written on things."""
        for words, leads in self._leads:
            for match in words.finditer(text):
                before = _LAST_WORD.search(text, max(0, match.start() - _LONGEST_LEAD), match.start())
                if before and before[1].lower() in leads:
                    text = _blank(text, *match.span())
        return text


def _compile_turn(asides: AsideFile) -> re.Pattern[str]:
    asking, answering = ("|".join(map(re.escape, words)) for words in (asides.asking_turns, asides.answering_turns))
    mark = r"(?:<\|im_start\|>\s*|<\|start_header_id\|>\s*|[#*]*\s*)"
    ending = r"(?:\s*<\|end_header_id\|>|\s*[:*]+|\s*\n)"
    return re.compile(rf"\s*{mark}(?:{asking}){ending}.*(?:^|[\s>]){mark}(?:{answering}){ending}", re.I | re.S)


def _blank(text: str, start: int, end: int) -> str:
    """Return the text with spaces for what stands from `start` to `end`; line breaks stay."""
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


def _find_irregular(text: str) -> Iterator[Replacement]:
    done = 0
    for rare in _RARE.finditer(text):
        match = _IRREGULAR.match(text, rare.start())
        if match is not None and match.start() >= done:
            done = match.end()
            yield Replacement(match.start(), done, _PLAIN_FORMS[str(match.lastgroup)](match[0]))


def _rewrite(text: str, found: Iterable[Replacement], places: IntArray | None) -> tuple[str, IntArray | None]:
    """Return a text with replacements, and where each of its characters stands in the original.

    Args:
        text: The text before.
        found: What stands for some of its stretches, in order and apart. The first and the last character of a word
            stand where the stretch begins and ends.
        places: Where each character of the text before stands in the original; None for its own place.
    """
    pieces: list[str] = []
    moved: list[IntArray] = []
    done = 0
    for start, end, word in found:
        inner = np.minimum(np.arange(start, start + len(word)), max(start, end - 1))
        inner[-1:] = max(start, end - 1)
        pieces += (text[done:start], word)
        moved += (np.arange(done, start), inner)
        done = end
    if not pieces:
        return text, places
    whole = np.concatenate((*moved, np.arange(done, len(text))))
    return "".join((*pieces, text[done:])), whole if places is None else places[np.minimum(whole, len(text) - 1)]


def _unwrap(text: str) -> str:
    """Return a text of the same length in which line breaks within a sentence are spaces.

    A line is taken for wrapped if it ends without a mark, the next one goes on with a small letter (or the line is
    long), and the paragraph ends like prose: items of a list rarely do.
    """

    def joined(match: re.Match[str]) -> str:
        line_start = text.rfind("\n", 0, match.start()) + 1
        is_long = match.start() - line_start >= _LONG_LINE
        if not (match["next"].islower() or is_long):
            return match[0]
        end = _PARAGRAPH_END.search(text, match.end())
        if end is None or not end[0].strip():
            return match[0]
        return match[0][0] + " " * len(match["break"])

    return _WRAP.sub(joined, text)
