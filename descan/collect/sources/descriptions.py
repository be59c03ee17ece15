"""The descriptions of an analysis as items whose content is text, each text once."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from descan.collect.sources.source_items import Source, SourceItem, hash_text
from descan.errors import InputError, quote
from descan.lexicon import run_category_set
from descan.storage.output import check_analysis
from descan.storage.parquet_database import find_records, open_database
from descan.storage.publishing import RUN_FILE
from descan.storage.schemas import ANSWERS, READINGS

TEXTS_FILE = "texts.jsonl"
"""In the corpus of judges: `item_id` and `text` of each item."""

_MEMORY_GB = 0.3
_N_DIGITS = 16
"""Of the hash of a text, which are its item_id."""

_N_FETCHED = 10_000


@dataclass(frozen=True, slots=True)
class Description:
    """A description of an analysis that was read.

    Attributes:
        item_id: What was described.
        model: Who described it.
        repeat: Which of several descriptions it is.
        text_id: The item that its text is for judges; descriptions with the same text share it.
    """

    item_id: str
    model: str
    repeat: int
    text: str
    text_id: str


def stream_descriptions(folder: Path, models: Sequence[str] = ()) -> Iterator[Description]:
    """Stream the descriptions of an analysis that descan has read, in the order of item, model and repeat.

    Args:
        folder: The analysis.
        models: Whose descriptions; those of all models if empty.

    Raises:
        InputError: If the folder is no analysis, or has no description of one of the models.
    """
    check_analysis(folder)
    records = find_records(folder, {"answers": ANSWERS, "readings": READINGS})
    with open_database(records, memory_gb=_MEMORY_GB) as connection:
        query = """
            SELECT item_id, model, repeat, text
            FROM answers SEMI JOIN readings USING (item_id, model, repeat)
            WHERE mode = 'describe' AND status = 'ok'
            ORDER BY item_id, model, repeat
        """
        found = {name for (name,) in connection.execute(f"SELECT DISTINCT model FROM ({query})").fetchall()}
        if not found:
            raise InputError(folder, "no description was read, so there is none to judge")
        for name in models:
            if name not in found:
                listed = ", ".join(map(quote, sorted(found)))
                raise InputError(folder, f"no description by {quote(name)} was read; use one of {listed}")
        result = connection.execute(query)
        while rows := result.fetchmany(_N_FETCHED):
            for item_id, model, repeat, text in rows:
                if not models or model in models:
                    yield Description(item_id, model, repeat, text, hash_text(text)[:_N_DIGITS])


def load_descriptions(folder: Path, models: Sequence[str], out: Path) -> Source:
    """Load the texts of an analysis as items to ask about.

    Args:
        folder: The analysis.
        models: Whose descriptions; those of all models if empty.
        out: The corpus, which lists the texts.

    Raises:
        InputError: As `stream_descriptions` does.
    """
    texts = {one.text_id: one.text for one in stream_descriptions(folder, models)}
    items = tuple(SourceItem(text_id, out / TEXTS_FILE, text=text) for text_id, text in texts.items())
    return Source(items, {}, {}, run_category_set(_load_run(folder), folder / RUN_FILE), Counter())


def extend_texts(path: Path, items: Sequence[SourceItem]) -> bytes | None:
    """Return the content of a `texts.jsonl` that lists all items, or None if the existing one does.

    Raises:
        InputError: If the existing one is damaged.
    """
    old = path.read_bytes() if path.exists() else b""
    try:
        known = {orjson.loads(line)["item_id"] for line in old.splitlines()}
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(path, "is damaged; remove it, and it is written again") from error
    new = [{"item_id": item.item_id, "text": item.text} for item in items if item.item_id not in known]
    return old + b"".join(orjson.dumps(line) + b"\n" for line in new) if new else None


def _load_run(folder: Path) -> dict[str, object]:
    try:
        run = orjson.loads((folder / RUN_FILE).read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(folder / RUN_FILE, "is damaged; `descan analyze` writes it") from error
    return run if isinstance(run, dict) else {}
