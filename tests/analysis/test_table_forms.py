"""Whatever form the data come in, the verdicts are those of the corpus folder."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from descan.analysis import analyze
from descan.corpus import ColumnNames, Corpus, read_corpus
from tests.analysis.corpora import BARE

ITEMS = {"1": ("Happy", "s1"), "2": ("Sad", "s1"), "3": ("Anger", "s2"), "4": (None, "s3"), "5": ("Fear", "s3")}
WORDS = {"Happy": "Freude", "Sad": "Trauer", "Anger": "Wut", "Fear": "Angst", "Neutral": "neutral", None: ""}
TEXTS = {
    "gpt": ("She smiles – broadly.", "Her mouth corners are turned down.", "A “neutral” face; calm.", "A frown.", ""),
    "llava": (
        "No smile, lowered brows",
        "A sad look | tears.",
        "He is angry, jaw clenched.",
        "x",
        "Fearful, wide eyes.",
    ),
}
LABELS = {
    "gpt": ("Happy", "Sad", "Neutral", "Sad", "Fear"),
    "llava": ("Neutral", "Happy", "Anger", "", "Fear"),
}
LONG = [
    {"item_id": item_id, "model": model, "gold": gold, "group": group, "text": text, "label": label}
    for model in TEXTS
    for (item_id, (gold, group)), text, label in zip(ITEMS.items(), TEXTS[model], LABELS[model], strict=True)
]
WIDE = [
    {"Image": int(item_id), "emotion": WORDS[gold], "group": group}
    | {f"{model} says": TEXTS[model][n] for model in TEXTS}
    | {f"{model} label": WORDS[LABELS[model][n] or None] for model in TEXTS}
    for n, (item_id, (gold, group)) in enumerate(ITEMS.items())
]
WIDE_NAMES = ColumnNames("{model} says", "image", "emotion", "{model} label")


def write_csv(path: Path, rows: list[dict[str, Any]], delimiter: str = ",", encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_folder(folder: Path) -> Path:
    folder.mkdir()
    (folder / "corpus.toml").write_text("")
    items = [{"item_id": item_id, "gold": gold, "group": group} for item_id, (gold, group) in ITEMS.items()]
    write_csv(folder / "items.csv", items)
    with (folder / "answers.jsonl").open("w", encoding="utf-8") as file:
        for row in LONG:
            for mode, column in (("describe", "text"), ("classify", "label")):
                if mode == "describe" or row[column]:
                    answer = {name: row[name] for name in ("item_id", "model")} | {"mode": mode, "text": row[column]}
                    file.write(json.dumps(answer) + "\n")
    return folder


def write_workbook(path: Path, rows: list[dict[str, Any]]) -> Path:
    book = openpyxl.Workbook()
    for line in (list(rows[0]), *(list(row.values()) for row in rows)):
        book.active.append(line)
    book.save(path)
    return path


def read_input(content: bytes) -> Corpus:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
        return read_corpus("-")


def read_nested(path: Path) -> Corpus:
    rows = [
        {
            "custom_id": row["item_id"],
            "meta": {"gold": row["gold"]},
            "group": row["group"],
            "response": {"model": row["model"], "choices": [{"message": {"content": row["text"]}}]},
            "label": row["label"],
        }
        for row in LONG
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    names = ColumnNames("response.choices.0.message.content", "custom_id", "meta.gold", "label", "response.model")
    return read_corpus(path, columns=names)


def read_three(folder: Path) -> Corpus:
    """Descriptions, labels and gold apart, each in another order of columns, two of them a file for each model."""
    gold = [{"gold": row["gold"], "Item_ID": row["item_id"], "group": row["group"]} for row in LONG[: len(ITEMS)]]
    for model in TEXTS:
        rows = [row for row in LONG if row["model"] == model]
        write_csv(folder / f"texts-{model}.csv", [{"text": row["text"], "item_id": row["item_id"]} for row in rows])
        write_csv(
            folder / f"labels-{model}.csv", [{"item_id": row["item_id"], "label": row["label"]} for row in rows], ";"
        )
    patterns = [str(folder / "texts-{model}.csv"), str(folder / "labels-{model}.csv")]
    return read_corpus([write_csv(folder / "gold.csv", gold), *patterns])


def read_parquet(path: Path) -> Corpus:
    pq.write_table(pa.Table.from_pylist(LONG), path)
    return read_corpus(path)


def read_packed(path: Path) -> Corpus:
    path.write_bytes(gzip.compress(json.dumps(LONG).encode()))
    return read_corpus(path)


def read_levels() -> Corpus:
    """Items in the index, and columns of two levels: model and what it said."""
    long = pd.DataFrame(LONG).set_index(["item_id", "gold", "group", "model"])[["text", "label"]]
    frame = long.unstack("model").swaplevel(axis=1)
    return read_corpus(frame, columns=ColumnNames("{model}.text", label="{model}.label"))


FORMS: Mapping[str, Callable[[Path], Corpus]] = {
    "csv": lambda folder: read_corpus(write_csv(folder / "a.csv", LONG)),
    "semicolons": lambda folder: read_corpus(write_csv(folder / "a.csv", LONG, ";")),
    "cp1252": lambda folder: read_corpus(write_csv(folder / "a.csv", LONG, "\t", "cp1252")),
    "utf-16": lambda folder: read_corpus(write_csv(folder / "a.csv", LONG, "|", "utf-16")),
    "xlsx": lambda folder: read_corpus(write_workbook(folder / "a.xlsx", LONG)),
    "json.gz": lambda folder: read_packed(folder / "a.json.gz"),
    "parquet": lambda folder: read_parquet(folder / "a.parquet"),
    "standard input": lambda _: read_input("\n".join(map(json.dumps, LONG)).encode()),
    "frame": lambda _: read_corpus(pd.DataFrame(LONG)),
    "frame of arrow": lambda _: read_corpus(pa.Table.from_pylist(LONG)),
    "frame with levels": lambda _: read_corpus(
        pd.DataFrame(LONG)
        .set_index(["item_id", "gold", "group", "model"])[["text", "label"]]
        .unstack("model")
        .swaplevel(axis=1),
        columns=ColumnNames("{model}.text", label="{model}.label"),
    ),
    "wide csv": lambda folder: read_corpus(write_csv(folder / "a.csv", WIDE, ";", "cp1252"), columns=WIDE_NAMES),
    "wide xlsx": lambda folder: read_corpus(write_workbook(folder / "a.xlsx", WIDE), columns=WIDE_NAMES),
    "nested": lambda folder: read_nested(folder / "a.jsonl"),
    "several": read_three,
}


def verdicts_of(out: Path) -> list[Mapping[str, Any]]:
    return sorted(pq.read_table(out / "verdicts.parquet").to_pylist(), key=lambda row: (row["item_id"], row["model"]))


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plain")
    analyze(read_corpus(write_folder(folder / "corpus")), folder / "out", BARE)
    return folder / "out"


@pytest.mark.parametrize("form", FORMS)
def test_the_verdicts_are_those_of_the_folder(expected: Path, tmp_path: Path, form: str) -> None:
    analyze(FORMS[form](tmp_path), tmp_path / "out", BARE)
    assert verdicts_of(tmp_path / "out") == verdicts_of(expected)
    verdicts = {row["verdict"] for row in verdicts_of(expected)}
    assert {"right", "labeling_failure", "seeing_failure", "unscored"} <= verdicts
