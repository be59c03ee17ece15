"""The sample corpus, whose verdicts a person worked out by hand."""

import csv
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from descan.analysis import AnalyzeOptions, analyze
from descan.categorize.term_categories import TermsBy
from descan.corpus import read_corpus
from tests.analysis.corpora import BARE

pytestmark = pytest.mark.slow

COLUMNS = ["item_id", "model", "described", "label", "verdict", "detail"]


@pytest.fixture(scope="module")
def analyses(sample_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[TermsBy, Path]:
    folder = tmp_path_factory.mktemp("sample")
    for terms_by in TermsBy:
        options = AnalyzeOptions(terms_by=terms_by, compare=BARE.compare, report=None)
        analyze(read_corpus(sample_corpus), folder / terms_by, options)
    return {terms_by: folder / terms_by for terms_by in TermsBy}


def test_the_sample_corpus_has_the_verdicts_that_a_person_gave(
    sample_corpus: Path, analyses: Mapping[TermsBy, Path]
) -> None:
    with (sample_corpus / "expected.csv").open(encoding="utf-8", newline="") as file:
        expected = {(row["item_id"], row["model"]): row for row in csv.DictReader(file)}
    verdicts = pd.read_parquet(analyses[TermsBy.LEXICON] / "verdicts.parquet", columns=COLUMNS).fillna("")
    found = {(row["item_id"], row["model"]): row for row in verdicts.to_dict("records")}
    assert found.keys() == expected.keys()
    assert {key: row for key, row in found.items() if row != expected[key]} == {}


def test_by_embedding_alone_every_term_says_so_and_the_row_of_the_other_analysis_is_the_same(
    analyses: Mapping[TermsBy, Path],
) -> None:
    read = {terms_by: pd.read_parquet(folder / "readings.parquet") for terms_by, folder in analyses.items()}
    terms = pd.read_parquet(analyses[TermsBy.EMBEDDING] / "mentions.parquet").query("kind == 'emotion'")
    assert set(terms["category_source"]) == {"embedding"}
    assert list(read[TermsBy.EMBEDDING]["described"]) == list(read[TermsBy.LEXICON]["described_by_embedding"])
    rows = {
        terms_by: pd.read_csv(analyses[terms_by] / "tables" / "sensitivity.csv").query(f"rule == '{rule}'")["n"]
        for terms_by, rule in ((TermsBy.EMBEDDING, "strict"), (TermsBy.LEXICON, "terms_by_embedding"))
    }
    assert list(rows[TermsBy.EMBEDDING]) == list(rows[TermsBy.LEXICON]) != []
