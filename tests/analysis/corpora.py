"""Corpora with all that an answer can be, and what an analysis of them wrote."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from descan.analysis import AnalyzeOptions
from descan.compare import CompareOptions

BARE = AnalyzeOptions(embedder="none", compare=CompareOptions(n_resamples=200), report=None)
"""Quick: no model, no page, wide intervals."""

CATEGORIES = ("Anger", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise")
PARTS = (
    "her brows are furrowed", "no smile", "he seems sad", "the lips are pressed", "wide eyes", "slightly raised brows",
    "she may be worried", "overall, a look of flummoxed surprise", "the mouth is open", "not angry at all",
    "he feels zorbly", "her left eyebrow is raised", "like Mona Lisa in the film", "I cannot tell",
    "\u00e9motion \u2013 gone",
)  # fmt: skip


def answer(item_id: str, **more: Any) -> dict[str, Any]:
    return {"item_id": item_id, "model": "m", "mode": "describe", "text": "She smiles.", **more}


def answers_of(model: str, n_items: int, n_repeats: int = 1, seed: int = 0) -> Iterator[dict[str, Any]]:
    """Return descriptions and labels of one model, some of them refused, empty, cut off, or to unknown items."""
    chance = random.Random(f"{model} {seed}")
    statuses = (*["ok"] * 20, "refused", "truncated", "failed", "empty")
    for number in range(n_items):
        item_id = f"i{number}" if chance.random() > 0.03 else f"unknown {number}"
        for repeat in range(n_repeats):
            text = ", ".join(chance.choices(PARTS, k=chance.randrange(6)))
            described, labelled = chance.choices(statuses, k=2)
            yield answer(item_id, model=model, repeat=repeat, text=text, status=described)
            label = chance.choice((*CATEGORIES, f"I would say {chance.choice(CATEGORIES)}.", "hmm", ""))
            yield answer(item_id, model=model, repeat=repeat, mode="classify", text=label, status=labelled)


def write_lines(path: Path, answers: Iterator[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(cells) + "\n" for cells in answers), encoding="utf-8")


def write_items(folder: Path, n_items: int) -> None:
    (folder / "corpus.toml").write_text('name = "mixed"\nlanguage = "en"\n[labels]\nhmm = "Neutral"\n')
    rows = (f"i{number},{CATEGORIES[number % 7]},g{number // 3}\n" for number in range(n_items))
    (folder / "items.csv").write_text("item_id,gold,group\n" + "".join(rows))


def write_mixed_corpus(folder: Path, n_items: int = 40) -> Path:
    """Write a corpus of several files of answers, with repeats, failures, unknown items and words of its own."""
    (folder / "answers").mkdir(parents=True)
    write_items(folder, n_items)
    settings = folder / "corpus.toml"
    settings.write_text('lexicon = "words"\n' + settings.read_text())
    (folder / "words").mkdir()
    (folder / "words" / "emotions.csv").write_text("term,category\nworried,Sad\n")
    write_lines(folder / "answers.jsonl", answers_of("one", n_items, n_repeats=2))
    write_lines(folder / "answers" / "two.jsonl", answers_of("two", n_items))
    table = pa.Table.from_pylist(list(answers_of("three", n_items)))
    pq.write_table(table, folder / "answers" / "three.parquet", row_group_size=30)
    failures = (answer(f"i{number}", model=model, status="failed") for model in ("one", "four") for number in range(9))
    write_lines(folder / "failures.jsonl", failures)
    return folder


def write_large_corpus(folder: Path, n_items: int) -> Path:
    """Write a corpus of one file, two answers an item."""
    folder.mkdir()
    write_items(folder, n_items)
    write_lines(folder / "answers.jsonl", answers_of("one", n_items))
    return folder


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def tables_of(folder: Path) -> dict[str, bytes]:
    """Return the files that are the same wherever the answers are read."""
    return {name: content for name, content in bytes_of(folder).items() if "part-" not in name and not is_record(name)}


def is_record(name: str) -> bool:
    return name in {f"{record}.parquet" for record in ("answers", "labels", "mentions", "readings")}


def rows_of(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every record, whether it is one file or in parts."""
    rows = {}
    for path in sorted(folder.glob("*.parquet")):
        parts = sorted(path.glob("part-*.parquet")) if path.is_dir() else [path]
        rows[path.name] = [row for part in parts for row in pq.ParquetFile(part).read().to_pylist()]
    return rows
