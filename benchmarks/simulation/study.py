"""Draws a study from a design, and writes it as the files that `descan analyze` gives to the comparison."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.emotions import Emotion
from benchmarks.simulation.design import Describer, Design, Shares, load_designs
from benchmarks.simulation.instrument import READS, Instrument, Integers, load_instrument
from descan.storage.schemas import ANSWERS, ITEMS

HUMAN_READINGS = "human_readings.csv"


@dataclass(frozen=True, slots=True)
class Study:
    """What the describers of a design made of the items.

    Attributes:
        describers: Their names, each as often as it was asked; n_models counts each time. Length: n_models.
        repeats: Which time it is, from 0. Shape: (n_models,).
        groups: The group of each item. Shape: (n_items,).
        golds: Place in `Emotion`. Shape: (n_items,).
        meant: Place in `READS` of what each description says. Shape: (n_models, n_items).
        read: The same of what the reader makes of it. Shape: (n_models, n_items).
        labels: Place in `LABELS`. Shape: (n_models, n_items).
        human: Descriptions that a person read, as places in the flattened `meant`. Shape: (n_human,).
    """

    describers: tuple[str, ...]
    repeats: Integers
    groups: Integers
    golds: Integers
    meant: Integers
    read: Integers
    labels: Integers
    human: Integers


def draw_study(design: Design, rng: np.random.Generator, describers: Mapping[str, Describer] | None = None) -> Study:
    """Draw a study; the describers, and their repeats, are independent of each other, given the items.

    Args:
        design: How the study is made.
        rng: Draws it.
        describers: Those that the design names; if None, those of `designs.yaml`.
    """
    known = describers or load_designs().describers
    groups = np.arange(design.n_items) // design.group_size
    golds = rng.choice(len(Emotion), size=groups[-1] + 1, p=design.gold_shares)[groups]
    asked = [name for name in design.describers for _ in range(design.repeats)]
    described = [_describe(known[name], golds, groups, design.common, rng) for name in asked]
    meant = np.array([descriptions for descriptions, _ in described])
    return Study(
        describers=tuple(asked),
        repeats=np.tile(np.arange(design.repeats), len(design.describers)),
        groups=groups,
        golds=golds,
        meant=meant,
        read=_pick(design.readers[golds, meant], _misreading_draws(design, groups, meant, rng)),
        labels=np.array([labels for _, labels in described]),
        human=np.sort(rng.choice(meant.size, size=design.human_readings, replace=False)),
    )


def write_study(study: Study, folder: Path, rng: np.random.Generator, *, has_groups: bool = True) -> None:
    """Write items, answers, readings, mentions and labels, and what a person read.

    A description is one of the templates that the reader gives the category of `Study.read`; where that is not what
    the describer means, the reader errs.

    Args:
        study: What to write.
        folder: Where; it must be there.
        rng: Chooses the templates.
        has_groups: Write the groups; without them the comparison takes all items as independent.
    """
    instrument = load_instrument()
    ids = np.array([f"item-{number:06}" for number in range(len(study.golds))])
    keys = {
        "item_id": np.tile(ids, len(study.describers)),
        "model": np.repeat(study.describers, len(ids)),
        "repeat": np.repeat(study.repeats, len(ids)),
    }
    texts = _choose(instrument.meant, study.read.ravel(), rng)
    labels = _choose(instrument.label_meant, study.labels.ravel(), rng)
    golds = np.array(Emotion)[study.golds]
    groups = [f"group-{group:06}" for group in study.groups] if has_groups else None
    _write(folder / "items.parquet", ITEMS, len(ids), {"item_id": ids, "gold": golds, "group": groups})
    _write(folder / "answers.parquet", ANSWERS, 2 * len(texts), _answers(instrument, keys, texts, labels))
    pq.write_table(_set_keys(instrument.readings.take(texts), keys), folder / "readings.parquet")
    pq.write_table(_set_keys(instrument.labels.take(labels), keys), folder / "labels.parquet")
    pq.write_table(_mentions(instrument, texts, keys), folder / "mentions.parquet")
    with (folder / HUMAN_READINGS).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow((*keys, "read"))
        writer.writerows(
            (*(column[place] for column in keys.values()), READS[study.meant.flat[place]]) for place in study.human
        )


Keys = Mapping[str, NDArray[Any]]


def _describe(
    describer: Describer, golds: Integers, groups: Integers, common: float, rng: np.random.Generator
) -> tuple[Integers, Integers]:
    """Return what is described and the label of each item."""
    rates = np.array([describer.see[emotion] for emotion in Emotion])
    is_seen = _uniform(groups, common, rng) < rates[golds]
    guesses = _pick(np.broadcast_to(describer.guess_shares, (len(golds), len(READS))), _uniform(groups, common, rng))
    by_seen = np.array([[describer.label_shares(gold, is_seen=seen) for gold in Emotion] for seen in (False, True)])
    labels = _pick(by_seen[is_seen.astype(int), golds], _uniform(groups, common, rng))
    return np.where(is_seen, golds, guesses), labels


def _misreading_draws(design: Design, groups: Integers, meant: Integers, rng: np.random.Generator) -> Shares:
    if not design.common_misreading:
        return rng.random(meant.shape)
    return np.array([_uniform(groups, design.common_misreading, rng) for _ in meant])


def _uniform(groups: Integers, common: float, rng: np.random.Generator) -> Shares:
    """Draw from 0 to 1 for each item: with the probability `common` the draw of its group, else one of its own."""
    own, of_group = rng.random(len(groups)), rng.random(groups[-1] + 1)[groups]
    return np.where(rng.random(len(groups)) < common, of_group, own)


def _pick(shares: Shares, uniform: Shares) -> Integers:
    """Turn a uniform draw into a place on the last axis of `shares`. Shape of the result: that of `uniform`."""
    bounds = np.cumsum(shares, axis=-1)[..., :-1]
    places: Integers = (uniform[..., None] >= bounds).sum(axis=-1)
    return places


def _choose(meant: Integers, wanted: Integers, rng: np.random.Generator) -> Integers:
    """Choose for each wanted category one of the texts that mean it."""
    order = np.argsort(meant, kind="stable")
    counts = np.bincount(meant)
    first = np.cumsum(counts) - counts
    chosen: Integers = order[first[wanted] + (rng.random(len(wanted)) * counts[wanted]).astype(int)]
    return chosen


def _answers(instrument: Instrument, keys: Keys, texts: Integers, labels: Integers) -> dict[str, object]:
    n = len(texts)
    return {
        **{name: np.concatenate([column, column]) for name, column in keys.items()},
        "mode": ["describe"] * n + ["classify"] * n,
        "status": ["ok"] * (2 * n),
        "text": [instrument.texts[place] for place in texts] + [instrument.label_texts[place] for place in labels],
    }


def _mentions(instrument: Instrument, texts: Integers, keys: Keys) -> pa.Table:
    counts = instrument.n_mentions[texts]
    first = (np.cumsum(instrument.n_mentions) - instrument.n_mentions)[texts]
    starts = np.cumsum(counts) - counts
    rows = np.repeat(first - starts, counts) + np.arange(counts.sum())
    return _set_keys(instrument.mentions.take(rows), {name: np.repeat(column, counts) for name, column in keys.items()})


def _set_keys(table: pa.Table, keys: Keys) -> pa.Table:
    for name, column in keys.items():
        place = table.schema.get_field_index(name)
        table = table.set_column(
            place, table.schema.field(place), pa.array(column, type=table.schema.field(place).type)
        )
    return table


def _write(path: Path, schema: pa.Schema, n_rows: int, columns: Mapping[str, object]) -> None:
    """Write a file of which only some columns are known."""
    arrays = [
        pa.nulls(n_rows, field.type) if (column := columns.get(field.name)) is None else pa.array(column, field.type)
        for field in schema
    ]
    pq.write_table(pa.table(arrays, schema=schema), path)
