"""How long do 10,000 resamples over 70,000 items and 3 models take, with each item alone and with groups of 20?

The whole comparison is timed, with all tables, and once more with the least number of resamples: the difference is
what resampling costs. The items, readings, labels and mentions are random; only how many there are matters.
"""

import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.emotions import Emotion
from descan.compare import CompareOptions, compare
from descan.compare.compare_options import MIN_RESAMPLES
from descan.emotions import UNDECIDED
from descan.lexicon import load_category_set
from descan.storage.schemas import ANSWERS, ITEMS, LABELS, MENTIONS, readings_schema

N_ITEMS = 70_000
N_MODELS = 3
MAX_S = 30
GROUP_SIZES = (1, 20)

_N_ACTIONS = 40
_MENTIONS_PER_DESCRIPTION = 6
_OPTIONS = CompareOptions(threads=2)


def describe_bootstrap() -> str:
    """Time the comparison by size of group."""
    lines = [f"comparison of {N_ITEMS:,} items and {N_MODELS} models, {_OPTIONS.n_resamples:,} resamples"]
    for size in GROUP_SIZES:
        with TemporaryDirectory() as folder:
            write_analysis(Path(folder), N_ITEMS, N_MODELS, size)
            whole = _time_s(Path(folder), _OPTIONS)
            least = _time_s(Path(folder), replace(_OPTIONS, n_resamples=MIN_RESAMPLES))
        limit = "within" if whole - least < MAX_S else "over"
        lines.append(
            f"  groups of {size:>2}: {whole:5.1f} s in all, {whole - least:5.1f} s of them for resamples, "
            f"{limit} {MAX_S} s"
        )
    return "\n".join(lines)


def write_analysis(folder: Path, n_items: int, n_models: int, group_size: int) -> None:
    """Write the files of a random analysis; items of a group share their gold.

    Args:
        folder: Where the Parquet files go.
        n_items: Items, each described and labelled once by each model.
        n_models: Models.
        group_size: Items of one group; 1 leaves `group` empty.
    """
    generator = np.random.default_rng(0)
    emotions = np.array([str(emotion) for emotion in Emotion], dtype=object)
    groups = np.arange(n_items) // group_size
    items = np.array([f"i{number:06}" for number in range(n_items)], dtype=object)
    gold = emotions[generator.integers(7, size=groups[-1] + 1)][groups]
    named = [None] * n_items if group_size == 1 else [f"g{group}" for group in groups]
    _write(folder / "items.parquet", ITEMS, n_items, {"item_id": items, "gold": gold, "group": named})

    n = n_items * n_models
    key = {"item_id": np.tile(items, n_models), "model": np.repeat([f"m{place}" for place in range(n_models)], n_items)}
    key |= {"repeat": np.zeros(n, dtype=np.int32)}
    golds = np.tile(gold, n_models)
    described = np.where(
        generator.random(n) < 0.4, golds, np.append(emotions, UNDECIDED)[generator.integers(8, size=n)]
    )
    label = np.where(
        generator.random(n) < 0.5, golds, np.array([*emotions, None], dtype=object)[generator.integers(8, size=n)]
    )
    answered = {"status": ["ok"] * 2 * n, "mode": np.repeat(["describe", "classify"], n)}
    _write(folder / "answers.parquet", ANSWERS, 2 * n, {name: np.tile(key[name], 2) for name in key} | answered)
    reasons = np.where(label == None, "unparsed", "")  # noqa: E711 (elementwise)
    _write(folder / "labels.parquet", LABELS, n, key | {"mode": ["classify"] * n, "label": label, "reason": reasons})
    scores = {
        column: np.where(described == emotion, 0.6, generator.random(n) * 0.3)
        for column, emotion in zip(load_category_set().score_columns, emotions, strict=True)
    }
    read = {"described": described, "actions_described": described, "terms_described": described}
    read |= {"valence": generator.random(n) * 2 - 1, "actions_share": np.ones(n), "refused": np.zeros(n, dtype=bool)}
    _write(
        folder / "readings.parquet", readings_schema(load_category_set()), n, key | scores | read | {"named": [[]] * n}
    )
    _write_mentions(folder / "mentions.parquet", key, generator)


def _write_mentions(path: Path, key: dict[str, np.ndarray], generator: np.random.Generator) -> None:
    rows = np.repeat(np.arange(len(key["item_id"])), _MENTIONS_PER_DESCRIPTION)
    n = len(rows)
    actions = np.minimum(generator.geometric(0.08, n), _N_ACTIONS)
    is_action = np.arange(n) % _MENTIONS_PER_DESCRIPTION > 1
    columns = {name: values[rows] for name, values in key.items()} | {
        "kind": np.where(is_action, "action", "emotion"),
        "region": np.where(is_action, np.array(["brows", "eyes", "mouth"], dtype=object)[actions % 3], ""),
        "action": np.where(is_action, np.char.add("action ", actions.astype(str)), ""),
        "term": np.where(is_action, "", np.char.add("term ", actions.astype(str))),
        "category": np.where(is_action, "", np.array([str(emotion) for emotion in Emotion])[actions % 7]),
        "target": ["person"] * n,
    }
    columns |= {name: np.zeros(n, dtype=bool) for name in ("negated", "hedged", "is_conclusion")}
    _write(path, MENTIONS, n, columns)


def _write(path: Path, schema: pa.Schema, n_rows: int, columns: dict[str, object]) -> None:
    filled = {"string": ""}
    arrays = [
        pa.array(columns[field.name], type=field.type)
        if field.name in columns
        else pa.repeat(pa.scalar(filled.get(str(field.type), 0), type=field.type), n_rows)
        for field in schema
    ]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path)


def _time_s(folder: Path, options: CompareOptions) -> float:
    begin = time.perf_counter()
    compare(folder, options)
    return time.perf_counter() - begin
