"""How long the tables of witnesses take, and in how much memory: `python -m benchmarks.witnesses_scale [N_ITEMS]`.

An analysis of made items is written straight into Parquet: three models describe each with four actions, and a sensor
tells all units of the inventory. The comparison then runs in a process of its own, with and without the witnesses: the
difference is theirs.
"""

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from descan.categorize.evidence import speaking_actions
from descan.compare import CompareOptions, compare
from descan.lexicon import load_category_set, load_lexicon
from descan.storage.schemas import ANSWERS, ITEMS, LABELS, MENTIONS, WITNESSES, readings_schema

N_ITEMS, MODELS, N_MENTIONS, ITEMS_IN_GROUP = 100_000, ("a", "b", "c"), 4, 10
"""Items, models, actions of a description, and items of a group."""


def describe_witnesses(n_items: int = N_ITEMS) -> str:
    """Return seconds and peak memory of comparing, with witnesses and without."""
    lines = [f"{n_items:,} items, {len(MODELS)} models, a sensor who tells all units"]
    for has_witnesses in (False, True):
        with TemporaryDirectory(prefix="descan-witnesses-") as name:
            write_records(Path(name), n_items, has_witnesses=has_witnesses)
            begin = time.perf_counter()
            command = [sys.executable, "-m", "benchmarks.witnesses_scale", "--compare", name]
            told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            seconds, (peak_kb, cpu_s) = time.perf_counter() - begin, map(float, told)
        kind = "with" if has_witnesses else "without"
        lines.append(f"  {kind:8}{seconds:8.1f} s, {cpu_s:6.1f} s of CPU{peak_kb / 1e3:10,.0f} MB at most")
    return "\n".join(lines)


def write_records(folder: Path, n_items: int, *, has_witnesses: bool) -> None:
    """Write the records that the comparison reads, of made items."""
    generator = np.random.default_rng(0)
    golds = np.array(load_category_set().names)
    actions = [(name, one.region, one.aus) for name, one in load_lexicon("en").actions.actions.items() if one.aus]
    units = sorted({int(unit) for *_, aus in actions for unit in aus.replace("+", "/").split("/")})
    items = np.array([f"i{number:06}" for number in range(n_items)])
    gold = golds[generator.integers(len(golds), size=n_items)]
    groups = [f"g{number // ITEMS_IN_GROUP}" for number in range(n_items)]
    _write(folder / "items.parquet", ITEMS, {"item_id": items, "gold": gold, "group": groups})
    described = np.tile(items, len(MODELS))
    models = np.repeat(MODELS, n_items)
    both = {"item_id": described, "model": models, "repeat": np.zeros(len(described), dtype=np.int32)}
    answers = [_table(ANSWERS, both | {"mode": np.repeat(mode, len(described))}) for mode in ("describe", "classify")]
    pq.write_table(pa.concat_tables(answers), folder / "answers.parquet")
    named = golds[generator.integers(len(golds), size=len(described))]
    _write(folder / "labels.parquet", LABELS, both | {"mode": np.repeat("classify", len(described)), "label": named})
    scored = golds[generator.integers(len(golds), size=len(described))]
    _write(folder / "readings.parquet", readings_schema(load_category_set()), both | {"described": scored})
    chosen = [actions[place] for place in generator.integers(len(actions), size=N_MENTIONS * len(described))]
    mentions = {name: np.repeat(column, N_MENTIONS) for name, column in both.items()}
    mentions |= dict(zip(("action", "region", "aus"), map(np.array, zip(*chosen, strict=True)), strict=True))
    kinds = {"kind": np.repeat("action", len(chosen)), "target": np.repeat("person", len(chosen))}
    _write(folder / "mentions.parquet", MENTIONS, mentions | kinds)
    if has_witnesses:
        told = {"item_id": np.repeat(items, len(units)), "action_unit": np.tile(units, n_items)}
        told |= {"witness": np.repeat("sensor", len(told["item_id"])), "side": np.repeat("", len(told["item_id"]))}
        told["present"] = (generator.random(len(told["item_id"])) < 0.2).astype(float)
        _write(folder / "witnesses.parquet", WITNESSES, told)


def _write(path: Path, schema: pa.Schema, columns: Mapping[str, Any]) -> None:
    pq.write_table(_table(schema, columns), path)


def _table(schema: pa.Schema, columns: Mapping[str, Any]) -> pa.Table:
    """Return a table with the given columns; the others are empty: nothing, no, or null where it may be."""
    n_rows = len(columns["item_id"])
    empty: dict[pa.DataType, object] = {pa.string(): "", pa.bool_(): False}
    filled = {
        field.name: pa.array(columns[field.name], type=field.type)
        if field.name in columns
        else pa.array([_value(field.name, empty.get(field.type))] * n_rows, type=field.type)
        for field in schema
    }
    return pa.table(filled, schema=schema)


def _value(name: str, value: object) -> object:
    return "ok" if name == "status" else value


def main() -> None:
    """Print the benchmark; with --compare, compare a folder and print what it took: kilobytes, seconds of CPU."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.witnesses_scale", description="Time of witnesses.")
    parser.add_argument("n_items", nargs="?", type=int, default=N_ITEMS, help="number of items")
    parser.add_argument("--compare", type=Path, help="compare this folder alone")
    arguments = parser.parse_args()
    if arguments.compare is None:
        print(describe_witnesses(arguments.n_items))
        return
    categories = load_category_set()
    speaking = speaking_actions(load_lexicon("en"), categories)
    compare(arguments.compare, CompareOptions(speaking_actions=speaking))
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(used.ru_maxrss, used.ru_utime + used.ru_stime)


if __name__ == "__main__":
    main()
