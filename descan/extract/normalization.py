"""Text as models write it, made plain for reading: without markup, invisible characters and what is set aside.

Every character of the plain text knows where it stands in the original, so that mentions are quoted from what the model
wrote. Where a character only gives way to another, the plain text is as long as the original.
"""

import html
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple

import numpy as np

from descan.columns import IntArray
from descan.extract.facs_codes import FacsCodes, Replacement
from descan.extract.prose import find_prose
from descan.lexicon import AsideFile, ThinkingFinder

_JSON: Final = re.compile(r"""\s*(?:```\w*\s*)?(?:\{|\[(?=\s*["'{\[]))""")
_JSON_KEY: Final = re.compile(r""",(?=\s*["'][^"']*["']\s*:)""")
_JSON_MARKS: Final = str.maketrans({'"': " ", "{": "\n", "}": "\n", "[": " ", "]": " "})
_WIDE_MARKS: Final = r"\u3001\u3002\uff01\uff0c\uff0e\uff1a\uff1b\uff1f"
_PLAIN_MARKS: Final = str.maketrans({"\u3001": ",", "\u3002": "."})

_SPACES: Final = r"\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000_"
_INVISIBLE: Final = r"\u00ad\u034f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
_COMPATIBLE: Final = r"\uff01-\uff5e\ufb00-\ufb06\U0001d400-\U0001d7ff"
_APOSTROPHES: Final = r"\u00b4\u02bb\u02bc\u2018\u201b\u2032\ua78c\uff07"
_ORNAMENTS: Final = r"\u2043\u2219\u25b6\u25b8\u25ba\u25c6-\u25c8\u2605\u2606\u2726\u2727\u2756\u276f\u27a2\u27a4"
"""Bullets that nothing else is written with."""
_HYPHENS: Final = r"\u2010\u2011\u2012\ufe63\uff0d"
_INLINE_NAMES: Final = "(?:a|abbr|b|code|em|font|i|mark|small|span|strong|sub|sup|u)"
_INLINE_TAG: Final = re.compile(rf"</?{_INLINE_NAMES}\b", re.IGNORECASE)
_ESCAPED_SPACES: Final = frozenset("nrt")

_make_compatible: Final = partial(unicodedata.normalize, "NFKC")


class _Irregularity(NamedTuple):
    """A kind of stretches that are not read as they stand.

    Attributes:
        firsts: The characters that they begin with, as in a set of a regular expression.
        pattern: The whole of one.
        plain: What stands for one in the plain text.
    """

    firsts: str
    pattern: str
    plain: Callable[[str], str]


_IRREGULARITIES: Final = (
    _Irregularity(
        "<",
        rf"<(?!{_INLINE_NAMES}\b)[A-Za-z_]{{3,24}}>(?=[^<>\n]{{1,80}}</)",
        lambda tag: f"\n{tag[1:-1].replace('_', ' ')} : ",
    ),
    _Irregularity(r"\[", r"\[[A-Z][a-z]+(?: [a-z]+)?\](?= \w)", lambda heading: f"\n{heading[1:-1]} : "),
    _Irregularity(
        r"<\[",
        r"<!--.{0,2000}?-->|<[|\uff5c][^<>|\uff5c]{1,60}[|\uff5c]>|</?[A-Za-z][^<>]{0,200}>|\[/?INST\]",
        lambda tag: "" if _INLINE_TAG.match(tag) else "\n",
    ),
    _Irregularity(
        "&",
        r"&lt;/?[A-Za-z][^<>&\n]{0,80}&gt;",
        lambda tag: "" if _INLINE_TAG.match(html.unescape(tag)) else "\n",
    ),
    _Irregularity(r"\[", r"\[ ?\]", lambda _: "☐"),
    _Irregularity(r"\[", r"\[[xX]\]", lambda _: "☑"),
    _Irregularity(r"\(", r"\(\?\)", lambda _: "⁇"),
    _Irregularity(r"\(\[", r"[(\[](?<=[a-z][(\[])(?=\w{2}|\d)", " {}".format),
    _Irregularity(
        "&", r"&(?:#\d{1,7}|#x[0-9A-Fa-f]{1,6}|[A-Za-z]{2,30});", lambda entity: html.unescape(entity).replace("’", "'")
    ),
    _Irregularity(
        r"\\",
        r"""\\(?:["'*_#]|[nrt](?![a-z]))""",
        lambda escaped: " " if escaped[1] in _ESCAPED_SPACES else escaped[1],
    ),
    _Irregularity(f"`{_APOSTROPHES}", rf"[`{_APOSTROPHES}](?<=[A-Za-z].)(?=[A-Za-z])", lambda _: "'"),
    _Irregularity("`", "`+", lambda ticks: " " * len(ticks)),
    _Irregularity(_HYPHENS, f"[{_HYPHENS}]", lambda _: "-"),
    _Irregularity(r"\-", r"-(?<=\S -)(?= )", lambda _: "–"),
    _Irregularity(r"\-•·▪●◦‣", r"[-•·▪●◦‣](?<![^\n ].)(?=[A-Za-z])", "{} ".format),
    _Irregularity(_ORNAMENTS, f"[{_ORNAMENTS}]", lambda _: "\n"),
    _Irregularity("•▪●◦‣", r"[•▪●◦‣](?<=\w.)", " {} ".format),
    _Irregularity(r"\(", r"\(s\)(?<=[a-z]\(s\))", lambda _: "s"),
    _Irregularity("0-9", r"[0-9]\.(?=[A-Za-z])", "{} ".format),
    _Irregularity("0", r"0(?<=[A-Za-z] 0)(?=(?:\.0)?/(?:[3457]|100?)\b)", ": {}".format),
    _Irregularity("*", r"\*{1,3}(?=[^\s*])|(?<=[^\s*])\*{1,3}", lambda _: " "),
    _Irregularity(r"\-=→⇒➔➜", "[-=]>|[→⇒➔➜]", lambda _: " : "),
    _Irregularity("=", r"=(?<=\w=)(?=\w)|=(?<=\w =)(?= \w)", lambda _: " : "),
    _Irregularity(";:!?)", "[;:!?)](?<=[A-Za-z0-9)>].)(?=[A-Za-z])", "{} ".format),
    _Irregularity(_SPACES, f"[{_SPACES}]", lambda _: " "),
    _Irregularity(_INVISIBLE, f"[{_INVISIBLE}]+", lambda _: ""),
)
_IRREGULAR_BESIDE_SPACES: Final = (
    _Irregularity(_WIDE_MARKS, f"[{_WIDE_MARKS}]", lambda mark: f"{_make_compatible(mark).translate(_PLAIN_MARKS)} "),
    _Irregularity(_COMPATIBLE, f"[{_COMPATIBLE}]", _make_compatible),
)
"""Where words have spaces between them, a mark of another width gets one, too."""

_NARROW: Final = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
"""Letters and marks as wide as a Han character, and those of ASCII."""

_QUOTED: Final = re.compile(
    r"""["“'‘](?:(?<=["“])[^"“”\n]{1,60}["”]|(?<=\s['‘])(?:[^'‘’\n]|['’](?=\w)){1,60}['’](?!\w))"""
)
_CAPITALS: Final = re.compile(r"[A-Z][A-Z][A-Z]+(?:\s+[A-Z]{2,})*\b")
_NO_BREAK: Final = re.compile(r"[^\n]")
_LAST_WORD: Final = re.compile(r"(\w+)[:,]?\s+\Z")
_LAST_LETTERS: Final = re.compile(r"(\w+)[:,]?\s*\Z")
"""Where words have no spaces between them, a word that leads a quotation in may end a longer run of letters."""
_LONGEST_LEAD: Final = 24
"""Characters before a quotation within which the word stands that leads it in."""

_WRAP: Final = re.compile(r"[^\s.!?:;|>*](?P<break>[ \t]*\r?\n[ \t]*)(?=(?P<next>\w))")
_OPEN_BREAK: Final = re.compile(r"\n(?<=[^\n.!?:;|>*]\n)[ \t]*\w")
"""A break that may be within a sentence; looking for it is much faster than for `_WRAP`, and most texts have none."""
_PARAGRAPH_END: Final = re.compile(r"[.!?\"”')](?=[ \t]*(?:\r?\n|$))|(?:\r?\n[ \t]*){2}")
_WIDE_SPACE: Final = re.compile(r"(?<=\S)(?:[ \t]{2,}|\t)(?=\S)")
_LEADER: Final = re.compile(r"(?<=\w)[ \t]?(?:\.{6,}|(?<=[ \t])\.{3,}(?=[ \t]))[ \t]?(?=\w)")
"""Dots that lead from a heading to its state."""
_FILE_ENDING: Final = re.compile(r"\.(?:png|jpe?g|gif|webp|bmp|mp4|avi|mov|mkv)\b", re.IGNORECASE)
_FILE_NAME: Final = re.compile(rf"\S+{_FILE_ENDING.pattern}", re.IGNORECASE)
_CAPITAL_APOSTROPHE: Final = re.compile(r"'(?<=[A-Z][A-Z]')[A-Z]")
_CAPITAL_CONTRACTION: Final = re.compile(r"\b[A-Z]{2,}'[A-Z]{1,2}\b")
_LONG_LINE: Final = 50
"""Characters from which a line without an end of its own is taken for one that was wrapped, whatever follows."""


Span = tuple[int, int]


class PlainText(NamedTuple):
    """A text to read.

    Attributes:
        text: Without markup and what is set aside.
        places: Where each of its characters stands in the original; None where that is its own place.
            Shape: (n_characters,).
    """

    text: str
    places: IntArray | None


class _IrregularFinder:
    """Finds irregular stretches of some kinds."""

    def __init__(self, kinds: Sequence[_Irregularity]) -> None:
        self._kinds = kinds
        self._pattern = re.compile("|".join(f"({kind.pattern})" for kind in kinds), re.DOTALL)
        # What they begin with: looking for a set is much faster than for alternatives.
        self._rare = re.compile(f"[{''.join(kind.firsts for kind in kinds)}]")

    def find(self, text: str) -> Iterator[Replacement]:
        """Yield what stands for each stretch, in order and apart."""
        done = 0
        for rare in self._rare.finditer(text):
            match = self._pattern.match(text, rare.start())
            if match is not None and match.start() >= done:
                done = match.end()
                yield Replacement(match.start(), done, self._kinds[(match.lastindex or 0) - 1].plain(match[0]))


class Normalizer:
    """Makes texts plain; built once for the asides of a lexicon."""

    def __init__(self, asides: AsideFile, codes: FacsCodes, *, has_spaces: bool = True) -> None:
        """Compile what is set aside.

        Args:
            asides: What stands beside the words on the face.
            codes: Finds what is written in FACS codes.
            has_spaces: Whether the words of the language have spaces between them.
        """
        self._codes = codes
        self._has_spaces = has_spaces
        self._irregular = _IrregularFinder(_IRREGULARITIES + _IRREGULAR_BESIDE_SPACES * has_spaces)
        self._thinking = ThinkingFinder(asides.thinking)
        self._turn = _compile_turn(asides)
        self._plain_key = re.compile(
            rf"""["'](?:{"|".join(map(re.escape, asides.plain_keys))})["']\s*:""", re.IGNORECASE
        )
        self._leads = (
            (_QUOTED, frozenset(asides.named_after + asides.written_after)),
            (_CAPITALS, frozenset(asides.written_after)),
        )

    def normalize(self, texts: Sequence[str]) -> list[PlainText]:
        """Return texts as they are to be read."""
        rest = [self._set_aside(text) for text in texts]
        is_prose = find_prose(rest).tolist()
        return [
            PlainText(text, None) if is_plain else self._make_plain(text)
            for text, is_plain in zip(rest, is_prose, strict=True)
        ]

    def _set_aside(self, text: str) -> str:
        """Return a text of the same length without thinking and what was asked."""
        text = text.replace("’", "'")
        if not self._has_spaces:
            text = text.translate(_NARROW).replace(" … ", " : ")
        rest = _blank(text, self._thinking.find(text))
        turn = self._turn.match(rest)
        return _blank(rest, [turn.span()]) if turn else rest

    def _make_plain(self, text: str) -> PlainText:
        if _JSON.match(text):
            text = _blank(text, (key.span() for key in self._plain_key.finditer(text)))
            text = _JSON_KEY.sub("\n", text).translate(_JSON_MARKS)
        if "..." in text:
            text = _LEADER.sub(lambda leader: " : ".ljust(len(leader[0])), text)
        if _FILE_ENDING.search(text):
            text = _blank(text, (name.span() for name in _FILE_NAME.finditer(text)))
        if " 't" in text:
            text = text.replace("n 't", "n't ")
        plain, places = _rewrite(text, self._irregular.find(text), None)
        plain, places = _rewrite(plain, self._codes.find(plain), places)
        if "\n" in plain:
            plain = _unwrap(plain)
        if "  " in plain or "\t" in plain:
            plain, places = _rewrite(plain, _find_wide_spaces(plain), places)
        if _CAPITAL_APOSTROPHE.search(plain):
            plain = _CAPITAL_CONTRACTION.sub(lambda found: found[0].lower(), plain)
        return PlainText(_blank(plain, sorted(self._find_named(plain))), places)

    def _find_named(self, text: str) -> Iterator[Span]:
        """Find words that are named and not used, and what is written on things."""
        for words, leads in self._leads:
            for match in words.finditer(text):
                if self._is_led_in(text, match.start(), leads):
                    yield match.span()

    def _is_led_in(self, text: str, start: int, leads: frozenset[str]) -> bool:
        """Return whether one of the words stands right before a place."""
        last = _LAST_WORD if self._has_spaces else _LAST_LETTERS
        before = last.search(text, max(0, start - _LONGEST_LEAD), start)
        if before is None:
            return False
        return before[1].lower() in leads if self._has_spaces else before[1].endswith(tuple(leads))


def _compile_turn(asides: AsideFile) -> re.Pattern[str]:
    asking, answering = ("|".join(map(re.escape, words)) for words in (asides.asking_turns, asides.answering_turns))
    mark = r"(?:<\|im_start\|>|<\|start_header_id\|>|[#*]{0,6}\s?)"
    ending = r"(?:<\|end_header_id\|>|\s?[:*]{1,4}|\s?\n)"
    return re.compile(rf"\s{{0,9}}{mark}(?:{asking}){ending}.*[\s>]{mark}(?:{answering}){ending}", re.I | re.S)


def _blank(text: str, spans: Iterable[Span]) -> str:
    """Return a text of the same length with spaces for what stands in the spans; line breaks stay."""
    pieces: list[str] = []
    done = 0
    for start, end in spans:
        pieces += (text[done:start], _NO_BREAK.sub(" ", text[max(start, done) : end]))
        done = max(done, end)
    return "".join((*pieces, text[done:])) if pieces else text


def _find_wide_spaces(text: str) -> Iterator[Replacement]:
    for space in _WIDE_SPACE.finditer(text):
        yield Replacement(*space.span(), " ")


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
    if not _OPEN_BREAK.search(text):
        return text
    paragraph_ends = [(match.start(), bool(match[0].strip())) for match in _PARAGRAPH_END.finditer(text)]

    def join(match: re.Match[str]) -> str:
        line_start = text.rfind("\n", 0, match.start()) + 1
        place = bisect_left(paragraph_ends, (match.end(), False))
        ends_like_prose = place < len(paragraph_ends) and paragraph_ends[place][1]
        is_wrapped = match["next"].islower() or match.start() - line_start >= _LONG_LINE
        return match[0][0] + " " * len(match["break"]) if is_wrapped and ends_like_prose else match[0]

    return _WRAP.sub(join, text)
