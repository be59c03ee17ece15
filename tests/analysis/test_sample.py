"""The sample corpus, whose verdicts a person worked out by hand."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from descan.analysis import AnalyzeOptions, analyze
from descan.categorize.term_categories import TermsBy
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


def test_by_embedding_alone_every_term_says_so_and_the_row_of_the_other_analysis_is_the_same(
    sample_corpus: Path, tmp_path: Path
) -> None:
    for terms_by in TermsBy:
        analyze(read_corpus(sample_corpus), tmp_path / terms_by, AnalyzeOptions(terms_by=terms_by, report=None))
    read = {terms_by: pd.read_parquet(tmp_path / terms_by / "readings.parquet") for terms_by in TermsBy}
    terms = pd.read_parquet(tmp_path / TermsBy.EMBEDDING / "mentions.parquet").query("kind == 'emotion'")
    assert set(terms["category_source"]) == {"embedding"}
    assert list(read[TermsBy.EMBEDDING]["described"]) == list(read[TermsBy.LEXICON]["described_by_embedding"])
    rows = {
        terms_by: pd.read_csv(tmp_path / terms_by / "tables" / "sensitivity.csv").query(f"rule == '{rule}'")["n"]
        for terms_by, rule in ((TermsBy.EMBEDDING, "strict"), (TermsBy.LEXICON, "terms_by_embedding"))
    }
    assert list(rows[TermsBy.EMBEDDING]) == list(rows[TermsBy.LEXICON]) != []
