"""Rows and blocks of JSON Lines files."""

import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import orjson

from descan.corpus.formats.lines import BOM, decode_line, split_lines
from descan.corpus.formats.rows import Block, Row
from descan.errors import InputError, quote
from descan.storage.paths import open_file, read_range

_KEY_END = re.compile(rb'"\s*:')


def stream_json(path: Path) -> Iterator[Row]:
    """Stream the rows of a JSON Lines file; blank lines are skipped."""
    with open_file(path) as file:
        yield from _parse_rows(split_lines(file, path), path, first_line=1)


def load_json_list(path: Path) -> list[Row]:
    """Load the rows of a JSON file that is a list of objects; the line of a row is its number in the list.

    Some programs give their JSON Lines the suffix .json; they are read, too.

    Raises:
        InputError: If it is anything else.
    """
    with open_file(path) as file:
        content = file.read().removeprefix(BOM)
    try:
        found = orjson.loads(content)
    except ValueError:
        if content.lstrip().startswith(b"{"):
            return list(stream_json(path))
        found = _parse_list(content, path)
    if not isinstance(found, list):
        allowed = "use a list of objects: [{...}, {...}]"
        raise InputError(path, f"is {quote(found)}, not a list; {allowed}")
    for n, cells in enumerate(found, start=1):
        if not isinstance(cells, dict):
            raise InputError(path, f"{quote(cells)} is not an object; use a list of objects", n)
    if len(_KEY_END.findall(content)) > sum(map(len, found)):
        _parse_list(content, path)
    return [Row(n, cells) for n, cells in enumerate(found, start=1)]


def _parse_list(content: bytes, path: Path) -> object:
    """Parse what strict JSON refuses, such as NaN, and refuse an object that gives a key twice."""
    try:
        return json.loads(content, object_pairs_hook=lambda pairs: _unique(pairs, path))
    except (RecursionError, ValueError) as error:
        problem = "nested too deeply" if isinstance(error, RecursionError) else quote(str(error))
        allowed = "use a list of objects, or the suffix .jsonl for one object a line"
        raise InputError(path, f"not JSON: {problem}; {allowed}") from error


def _unique(pairs: Sequence[tuple[str, object]], path: Path, line: int | None = None) -> dict[str, object]:
    """Return an object as a dictionary; of a key that it gives twice nobody can tell which value is meant."""
    cells = dict(pairs)
    if len(cells) < len(pairs):
        key = next(key for n, (key, _) in enumerate(pairs) if key in dict(pairs[:n]))
        raise InputError(path, f"key {quote(key)} occurs twice; give it once", line)
    return cells


def load_json(path: Path, allowed: str = "the file may be cut off") -> object:
    """Load a JSON file; `NaN`, which many programs write, is accepted.

    Args:
        path: The file.
        allowed: What to use instead of a file that is not JSON, for the message.

    Raises:
        InputError: If it is not JSON.
    """
    with open_file(path) as file:
        content = file.read().removeprefix(BOM)
    try:
        return orjson.loads(content)
    except ValueError as error:
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            raise InputError(path, f"not JSON: {quote(str(error))}; {allowed}") from error


def load_json_block(block: Block) -> Iterator[Row]:
    """Load the rows of a block."""
    lines = io.BytesIO(read_range(block.path, block.start, block.end))
    return _parse_rows(lines, block.path, block.first_line)


def cut_json(path: Path, n_lines: int) -> Iterator[Block]:
    """Cut a JSON Lines file every `n_lines` lines, without decoding anything."""
    start, line, row = 0, 1, 0
    with open_file(path) as file:
        raw_lines = split_lines(file, path)
        while lines := list(islice(raw_lines, n_lines)):
            end, next_line = start + sum(map(len, lines)), line + len(lines)
            n_rows = len(lines) - _count_blank(lines, line)
            lines.clear()
            yield Block(path, start, end, line, next_line - 1, row, end)
            start, line, row = end, next_line, row + n_rows


def _parse_rows(lines: Iterable[bytes], path: Path, first_line: int) -> Iterator[Row]:
    for line, raw in enumerate(lines, start=first_line):
        try:
            cells = orjson.loads(raw)
        except ValueError:
            cells = None
        if not isinstance(cells, dict):
            text = decode_line(raw, path, line)
            if text.isspace():
                continue
            cells = _parse_object(text, path, line)
        # A key ends in a quote and a colon, so only a line with more of these than keys may have a key twice.
        if raw.count(b":") > len(cells) and len(_KEY_END.findall(raw)) > len(cells):
            _check_keys(decode_line(raw, path, line), path, line)
        yield Row(line, cells)


def _parse_object(text: str, path: Path, line: int) -> dict[str, object]:
    """Parse what strict JSON refuses: lone surrogates and NaN are accepted, anything else is an error that says why."""
    try:
        cells = json.loads(text)
    except RecursionError as error:
        raise InputError(path, "not JSON: nested too deeply; use one flat object a line", line) from error
    except ValueError as error:
        problem = f"not JSON: {_describe_problem(error)} in {quote(text.strip())}; use one object a line"
        raise InputError(path, problem, line) from error
    if not isinstance(cells, dict):
        raise InputError(path, f"{quote(text.strip())} is not an object; use one object a line", line)
    return cells


def _check_keys(text: str, path: Path, line: int) -> None:
    """Refuse an object that gives a key twice."""
    try:
        pairs = json.loads(text, object_pairs_hook=list)
    except (RecursionError, ValueError) as error:  # orjson parses deeper objects and longer numbers.
        raise InputError(
            path, "nested too deeply, or a number is too long; use one flat object a line", line
        ) from error
    _unique(pairs, path, line)


def _describe_problem(error: ValueError) -> str:
    return error.msg[:1].lower() + error.msg[1:] if isinstance(error, json.JSONDecodeError) else "a number is too long"


def _count_blank(lines: list[bytes], first_line: int) -> int:
    if first_line == 1:
        lines[0] = lines[0].removeprefix(BOM)
    return sum(1 for raw in lines if raw[:1] != b"{" and _is_blank(raw))


def _is_blank(raw: bytes) -> bool:
    try:
        return raw.decode().isspace()
    except UnicodeDecodeError:
        return False
