"""Codes of the Facial Action Coding System in a text ("AU4+7", "AU 12D", "R14"), as words that the vocabulary has.

A code becomes one word, "AU12", with words for its side and its intensity before it.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from descan.lexicon import FacsFile, FormFile, any_of

_PREFIX: Final = "AU"
_WORD: Final = re.compile(r"[A-Za-z]{2}")
_CODE_END: Final = "(?![A-Za-z0-9_])"
"""A letter of a script without spaces may stand right behind a code."""
_LONGEST_LEAD: Final = 32
"""Characters before a number within which a word stands that makes it a unit's."""
_SEPARATOR: Final = r"(?:\s*[+,/&]\s*(?:\w{2,3}\s+)?)"
_INTENSITY_ASIDE: Final = r"\s*\(\s*(?:\w{3,10}[\s:=]+)?([A-E])\s*\)"


class Replacement(NamedTuple):
    """What stands for a stretch of text."""

    start: int
    end: int
    word: str


class FacsCodes:
    """Finds codes; built once for the units of FACS and the words that announce them in a language."""

    def __init__(self, facs: FacsFile, forms: FormFile) -> None:
        """Compile the forms of codes.

        Args:
            facs: The units.
            forms: Words that stand with the numbers of units.
        """
        self._pair = facs.pair.units
        known = sorted([*facs.units, *facs.others], reverse=True)
        number = rf"(?:{'|'.join(map(str, known))})"
        code = rf"[LRlr]?0?{number}[LRlr]?(?:_[rc])?[A-Ea-e]?{_CODE_END}(?!\.\d)"
        unit, said, joint = map(any_of, (forms.facs_units, forms.facs_states, forms.facs_joints))
        lead = rf"{unit}[\s:#_-]*"
        heading = rf"{unit}\s*(?:{said}\s*)?:\s*"
        self._code = re.compile(
            rf"(?P<lead>(?i:{lead}))?(?P<before>[LRlr])?0?(?P<number>{number})(?P<after>[LRlr])?(?:_[rc])?"
            rf"(?P<intensity>[A-Ea-e])?{_CODE_END}(?:{_INTENSITY_ASIDE})?"
        )
        self._list = re.compile(
            rf"(?<![A-Za-z0-9_.])(?:(?i:(?P<heading>{heading})|{lead}){code}(?:(?:{_SEPARATOR}(?i:{lead})?|\s+\w{{2,4}}\s+(?i:{lead})|\s+{joint}\s+){code})*"
            rf"(?:{_INTENSITY_ASIDE})?|(?:[LR]{number}|{number}[LR])[A-E]?{_CODE_END}(?!\.\d)|{code}(?:\+{code})+)"
        )
        self._digits = re.compile(r"[0-9][0-9]?(?![0-9])")
        self._before = re.compile(rf"(?:(?i:{lead}|{heading})[LR]?|[LR])\Z")
        self._after = re.compile(r"[LR]|[A-E]?\+\d")

    def find(self, text: str) -> Iterator[Replacement]:
        """Yield what stands for codes and for what parts them, in order and apart."""
        if not any(self._may_be_code(text, digits) for digits in self._digits.finditer(text)):
            return
        for found in self._list.finditer(text):
            codes = list(self._code.finditer(text, max(found.start(), found.end("heading")), found.end()))
            place, last = 0, 0
            while place < len(codes):
                code = codes[place]
                if place and not _WORD.search(text, last, code.start()):
                    yield Replacement(last, code.start(), ", ")
                numbers = [int(code["number"])]
                if place + 1 < len(codes) and (numbers[0], int(codes[place + 1]["number"])) == self._pair:
                    place += 1
                    numbers.append(int(codes[place]["number"]))
                last = codes[place].end()
                yield from _spell(codes[place], code.start(), last, numbers)
                place += 1

    def _may_be_code(self, text: str, digits: re.Match[str]) -> bool:
        """Return quickly whether a number looks like one of a unit; most texts have none."""
        before = self._before.search(text, max(0, digits.start() - _LONGEST_LEAD), digits.start())
        return before is not None or self._after.match(text, digits.end()) is not None


def unit_word(*numbers: int) -> str:
    """Return the word that stands for a unit, or for two that are one action."""
    return "".join(f"{_PREFIX}{number}" for number in numbers)


def side_word(side: str) -> str:
    """Return the word that stands for a side, L or R."""
    return f"{_PREFIX}{side.upper()}side"


def intensity_word(intensity: str) -> str:
    """Return the word that stands for an intensity, A to E."""
    return f"{_PREFIX}{intensity.upper()}grade"


def _spell(code: re.Match[str], start: int, end: int, numbers: list[int]) -> Iterator[Replacement]:
    if intensity := code["intensity"] or code[code.re.groups]:
        yield Replacement(start, start, f"{intensity_word(intensity)} ")
    if side := code["before"] or code["after"]:
        yield Replacement(start, start, f"{side_word(side)} ")
    yield Replacement(start, end, unit_word(*numbers))
