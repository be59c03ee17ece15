"""The sentence templates, read by the real stages extract and categorize."""

import json
from dataclasses import dataclass
from functools import lru_cache
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from benchmarks.emotions import Emotion
from descan.analysis import AnalyzeOptions, analyze
from descan.corpus import read_corpus
from descan.emotions import UNDECIDED
from descan.lexicon import read_yaml

NO_LABEL = "none"

READS = (*map(str, Emotion), UNDECIDED)
"""What a description may say, in the order of every axis of eight here."""

LABELS = (*map(str, Emotion), NO_LABEL)
"""What a classify answer may give, in the order of every axis of eight here."""

_TEMPLATES = Path(__file__).with_name("templates.yaml")

Integers = NDArray[np.int64]
Sentences = Annotated[list[str], Field(min_length=1)]


class _Sentences(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    actions: Sentences
    terms: Sentences


class Templates(BaseModel):
    """`templates.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    descriptions: dict[str, _Sentences]
    asides: Sentences
    labels: dict[str, Sentences]


@dataclass(frozen=True, slots=True)
class Instrument:
    """Every template's text as `descan analyze` reads it.

    Attributes:
        texts: The descriptions. Length: n_texts.
        meant: The place in `READS` of what each is written to say. Shape: (n_texts,).
        readings: A row a text, with the columns of `readings.parquet`.
        mentions: The rows of `mentions.parquet`, in the order of the texts.
        n_mentions: How many of them each text has. Shape: (n_texts,).
        label_texts: The classify answers. Length: n_labels.
        label_meant: The place in `LABELS` of what each is written to give. Shape: (n_labels,).
        labels: A row an answer, with the columns of `labels.parquet`.
    """

    texts: tuple[str, ...]
    meant: Integers
    readings: pa.Table
    mentions: pa.Table
    n_mentions: Integers
    label_texts: tuple[str, ...]
    label_meant: Integers
    labels: pa.Table


@lru_cache
def load_instrument() -> Instrument:
    """Write each description and label of the templates once, and analyze them."""
    templates = read_yaml(_TEMPLATES, Templates)
    descriptions = list(_descriptions(templates).items())
    labels = [(text, label) for label in LABELS for text in templates.labels[label]]
    with TemporaryDirectory(prefix="descan-") as folder:
        corpus, out = Path(folder) / "corpus", Path(folder) / "out"
        _write_corpus(corpus, [text for text, _ in descriptions], [text for text, _ in labels])
        analyze(read_corpus(corpus), out, AnalyzeOptions(embedder="none"))
        readings, mentions, label_rows = (pq.read_table(out / f"{name}.parquet") for name in _FILES)
    places = {item_id: place for place, item_id in enumerate(readings["item_id"].to_pylist())}
    described = np.array([places[item_id] for item_id in mentions["item_id"].to_pylist()])
    return Instrument(
        texts=tuple(text for text, _ in descriptions),
        meant=np.array([READS.index(category) for _, category in descriptions]),
        readings=readings,
        mentions=mentions,
        n_mentions=np.bincount(described, minlength=len(descriptions)),
        label_texts=tuple(text for text, _ in labels),
        label_meant=np.array([LABELS.index(label) for _, label in labels]),
        labels=label_rows,
    )


_FILES = ("readings", "mentions", "labels")


def _descriptions(templates: Templates) -> dict[str, str]:
    """Return each description and its category: sentences of actions alone, of words alone, and one of each."""
    asides = cycle(templates.asides)
    written = {}
    for category in READS:
        sentences = templates.descriptions[category]
        both = [f"{action} {term}" for action in sentences.actions for term in sentences.terms]
        for text in (*sentences.actions, *sentences.terms, *both):
            written[f"{text} {next(asides)}"] = category
    return written


def _write_corpus(folder: Path, descriptions: list[str], labels: list[str]) -> None:
    """Write a corpus whose items are numbered, so that the results keep the order of the templates."""
    folder.mkdir()
    (folder / "corpus.toml").write_text('name = "templates"\nlanguage = "en"\n', encoding="utf-8")
    answers = [{"mode": "describe", "text": text} for text in descriptions]
    answers += [{"mode": "classify", "text": text} for text in labels]
    ids = [f"{number:05}" for number in range(len(answers))]
    (folder / "items.csv").write_text("\n".join(["item_id", *ids]) + "\n", encoding="utf-8")
    lines = [
        json.dumps({"item_id": item_id, "model": "templates"} | answer)
        for item_id, answer in zip(ids, answers, strict=True)
    ]
    (folder / "answers.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
