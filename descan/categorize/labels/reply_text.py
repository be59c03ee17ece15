"""The text of a reply as it was meant: without thinking, tokens and tags, and with plain characters."""

import html
import re
import unicodedata
from collections.abc import Callable

from descan.lexicon import ThinkingFinder

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_INVISIBLE = dict.fromkeys([0x00AD, *range(0x200B, 0x2010), *range(0x2060, 0x2065), 0xFEFF])
_PLAIN = _FULL_WIDTH | _INVISIBLE
_STYLED = re.compile("[\U0001d400-\U0001d7ff\ufb00-\ufb06]+")
_SPACED_OUT = re.compile(r"(?<![\w'’-])[A-Za-z](?:([ .*_-])[A-Za-z])(?:\1[A-Za-z])+(?![\w'’-])")
_N_CHARS_SPACED_OUT = 80

_STRUCK_OUT = re.compile(r"~~[^~\n]{1,200}~~")
_TOKEN = re.compile(r"<\|/?([^<>|]{1,40})\|>|\[/?([A-Z]{2,12})\]|</?([A-Za-z][^<>\n]{0,200})>")
_QUOTED = re.compile(r"=\s*[\"']([^\"'<>]*)[\"']")
_LATEX = re.compile(r"\\[A-Za-z]+\s*\{([^{}]*)\}|\\[\[\]()]")


def drop_thinking(text: str, thinking: ThinkingFinder) -> str:
    """Return a reply without the stretches in which the model thinks aloud."""
    kept, end = [], 0
    for span in thinking.find(text):
        kept.append(text[end : span[0]])
        end = span[1]
    return "\n".join([*kept, text[end:]])


def plain_characters(text: str) -> str:
    """Return a reply with entities, full-width and styled characters as plain ones, and without invisible ones."""
    if "&" in text:
        text = html.unescape(text)
    if text.isascii():
        return text
    return _STYLED.sub(lambda styled: unicodedata.normalize("NFKC", styled[0]), text).translate(_PLAIN)


def join_spaced_out(text: str, is_name: Callable[[str], bool]) -> str:
    """Return a short reply with the names together whose letters stand apart: "H A P P Y"."""
    if len(text) > _N_CHARS_SPACED_OUT:
        return text

    def join(match: re.Match[str]) -> str:
        name = match[0].replace(match[1], "")
        return name if is_name(name) else match[0]

    return _SPACED_OUT.sub(join, text)


def drop_markup(text: str, is_name: Callable[[str], bool]) -> str:
    """Return a reply without struck-out words, the tokens of chat templates, tags and LaTeX; names in them stay."""

    def plain(match: re.Match[str]) -> str:
        name = match[1] or match[2] or match[3]
        return f" {name} " if is_name(name) else " ".join(["", *filter(is_name, _QUOTED.findall(name)), ""])

    if "~~" in text:
        text = _STRUCK_OUT.sub(" ", text)
    if "<" in text or "[" in text:
        text = _TOKEN.sub(plain, text)
    return _LATEX.sub(r"\1", text) if "\\" in text else text
