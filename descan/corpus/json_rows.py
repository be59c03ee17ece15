"""Rows and blocks of JSON Lines files."""

import io
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import orjson

from descan.corpus.lines import BOM, decoded
from descan.corpus.parts import Block, Row
from descan.errors import InputError, quoted
from descan.storage.paths import opened, read_range


def read_json_rows(path: Path) -> Iterator[Row]:
    """Stream the rows of a JSON Lines file, whose blank lines are passed over."""
    with opened(path) as file:
        yield from _rows(file, path, first_line=1)


def read_json_block(block: Block) -> Iterator[Row]:
    """Read the rows of a block."""
    lines = io.BytesIO(read_range(block.path, block.start, block.end))
    return _rows(lines, block.path, block.first_line)


def cut_json(path: Path, n_lines: int) -> Iterator[Block]:
    """Cut a JSON Lines file behind every so many lines; nothing is decoded."""
    start, line, row = 0, 1, 0
    with opened(path) as file:
        while lines := list(islice(file, n_lines)):
            end, next_line = start + sum(map(len, lines)), line + len(lines)
            n_rows = len(lines) - _n_blank(lines, line)
            lines.clear()
            yield Block(path, start, end, line, next_line - 1, row, end)
            start, line, row = end, next_line, row + n_rows


def _rows(lines: Iterable[bytes], path: Path, first_line: int) -> Iterator[Row]:
    for line, raw in enumerate(lines, start=first_line):
        try:
            cells = orjson.loads(raw)
        except ValueError:
            cells = None
        if not isinstance(cells, dict):
            text = decoded(raw, path, line)
            if text.isspace():
                continue
            cells = _read_object(text, path, line)
        yield Row(line, cells)


def _read_object(text: str, path: Path, line: int) -> dict[str, object]:
    """Read what is no strict JSON: lone surrogates and NaN are taken here, and all else is an error that says why."""
    try:
        cells = json.loads(text)
    except RecursionError as error:
        raise InputError(path, "not JSON: nested too deeply; use one flat object a line", line) from error
    except ValueError as error:
        problem = f"not JSON: {_json_problem(error)} in {quoted(text.strip())}; use one object a line"
        raise InputError(path, problem, line) from error
    if not isinstance(cells, dict):
        raise InputError(path, f"{quoted(text.strip())} is not an object; use one object a line", line)
    return cells


def _json_problem(error: ValueError) -> str:
    return error.msg[:1].lower() + error.msg[1:] if isinstance(error, json.JSONDecodeError) else "a number is too long"


def _n_blank(lines: list[bytes], first_line: int) -> int:
    if first_line == 1:
        lines[0] = lines[0].removeprefix(BOM)
    return sum(1 for raw in lines if raw[:1] != b"{" and _is_blank(raw))


def _is_blank(raw: bytes) -> bool:
    try:
        return raw.decode().isspace()
    except UnicodeDecodeError:
        return False
