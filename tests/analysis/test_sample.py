"""The sample corpus, whose verdicts a person worked out by hand."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from descan.analysis import analyze
from descan.corpus import read_corpus

pytestmark = pytest.mark.slow

COLUMNS = ["item_id", "model", "described", "label", "verdict", "detail"]


def test_the_sample_corpus_has_the_verdicts_that_a_person_gave(sample_corpus: Path, tmp_path: Path) -> None:
    with (sample_corpus / "expected.csv").open(encoding="utf-8", newline="") as file:
        expected = {(row["item_id"], row["model"]): row for row in csv.DictReader(file)}
    analyze(read_corpus(sample_corpus), tmp_path / "out")
    verdicts = pd.read_parquet(tmp_path / "out" / "verdicts.parquet", columns=COLUMNS).fillna("")
    found = {(row["item_id"], row["model"]): row for row in verdicts.to_dict("records")}
    assert found.keys() == expected.keys()
    assert {key: row for key, row in found.items() if row != expected[key]} == {}
