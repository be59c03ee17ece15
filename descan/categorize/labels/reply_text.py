"""The text of a reply as it was meant: without thinking, tokens and tags, and with plain characters."""

import html
import re
from collections.abc import Callable

from descan.lexicon import ThinkingFinder

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_INVISIBLE = dict.fromkeys([0x00AD, *range(0x200B, 0x2010), *range(0x2060, 0x2065), 0xFEFF])
_PLAIN = _FULL_WIDTH | _INVISIBLE

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
    """Return a reply with entities and full-width characters as plain ones, and without invisible ones."""
    if "&" in text:
        text = html.unescape(text)
    return text if text.isascii() else text.translate(_PLAIN)


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
