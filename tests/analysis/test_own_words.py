"""An analysis with a project's own words: those that `corpus.toml` names, or others in their place."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import spacy

import descan
from descan.analysis import analyze
from descan.corpus import read_corpus
from tests.analysis.corpora import BARE, answer, write_items, write_lines

pytestmark = pytest.mark.slow

ROW = "term,pos,category\nzorbed,adj,Sad\n"


def test_words_of_the_corpus_count_unless_others_are_given_and_each_has_its_own_digest_and_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESCAN_CACHE_DIR", str(tmp_path / "cache"))
    (corpus := tmp_path / "corpus").mkdir()
    write_items(corpus, 1)
    reply = answer("i0", mode="classify", text="Q7")
    write_lines(corpus / "answers.jsonl", iter([answer("i0", text="She is zorbed, zarbing."), reply]))
    settings = (corpus / "corpus.toml").read_text()
    (corpus / "corpus.toml").write_text('lexicon = "own"\n' + settings)
    for name, more in (("own", "zarbing,adj,Fear\n"), ("other", "")):
        (corpus / name).mkdir()
        (corpus / name / "emotions.csv").write_text(ROW + more)
    (corpus / "other" / "category_words.yaml").write_text("codes: {Disgust: [Q7]}\n")
    categories, labels, runs = {}, {}, {}
    for name, lexicon in (("own", None), ("other", corpus / "other"), ("again", corpus / "own")):
        out = tmp_path / name
        analyze(read_corpus(corpus, lexicon=lexicon), out, BARE)
        runs[name] = json.loads((out / "run.json").read_text())
        rows = pq.read_table(out / "mentions.parquet").to_pylist()
        categories[name] = [(row["text"], row["category"]) for row in rows]
        labels[name] = pq.read_table(out / "labels.parquet")["label"].to_pylist()
    own = [("zorbed", "Sad"), ("zarbing", "Fear")]
    assert categories == {"own": own, "other": own[:1], "again": own}
    assert labels == {"own": [None], "other": ["Disgust"], "again": [None]}
    assert runs["own"] == runs["again"]
    summary = descan.open_analysis(tmp_path / "own").summary()
    assert "Own words: own (en/emotions.csv)" in summary
    assert runs["own"]["own_words"]["files"] == ["en/emotions.csv"]
    assert runs["own"]["own_words"]["folder"] == "own"
    assert runs["own"]["own_words"]["sha256"] != runs["other"]["own_words"]["sha256"]
    assert runs["own"]["lexicon_sha256"] != runs["other"]["lexicon_sha256"]


def test_python_reads_texts_and_pipelines_with_own_words(tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "emotions.csv").write_text(ROW)
    words = str(tmp_path / "words")
    assert list(descan.extract(["Zorbed, a smile."], lexicon=words)["term"]) == ["zorbed", ""]
    nlp = spacy.blank("en")
    nlp.add_pipe("descan_mentions", config={"lexicon": words})
    nlp.to_disk(tmp_path / "nlp")
    for pipeline in (nlp, spacy.load(tmp_path / "nlp")):
        doc = pipeline("She is zorbed.")
        assert [span.label_ for span in doc.spans["emotions"]] == ["zorbed"]
