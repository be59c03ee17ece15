"""`analyze` from end to end: the files are a contract, and nothing but the input decides their bytes."""

import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from descan.analysis import AnalyzeOptions, analyze
from descan.compare import OPTIONAL_FILES
from descan.corpus import read_corpus
from descan.errors import InputError
from tests.analysis.corpora import BARE, bytes_of

pytestmark = pytest.mark.slow

# Columns of the files by the design, in order; those in EXTRA stand beside them, and no others do.
COLUMNS = {
    "mentions": (
        "item_id model repeat kind start end text entry region action aus term category category_source similarity "
        "negated hedged degree side target"
    ),
    "readings": (
        "item_id model repeat described score_anger score_disgust score_fear score_happy score_neutral score_sad "
        "score_surprise valence actions_described terms_described n_words n_actions n_regions n_emotions n_hedged "
        "n_negated refused named"
    ),
    "labels": "item_id model mode repeat label reason",
    "verdicts": "item_id model gold label described verdict detail evidence repeat label_repeat weight",
    "items": "item_id gold group media gold_distribution",
    "answers": ("item_id model repeat mode status text latency_s input_tokens output_tokens thinking_tokens cost_usd"),
    "map": "map x y model kind term action category n item_id gold described label verdict",
}
EXTRA = {
    "mentions": {"negation_cue", "hedge_cue", "is_conclusion"},
    "readings": {"actions_share", "terms_share", "described_without_embedding", "described_by_embedding", "language"},
    "answers": {"language", "prompt", "waited_s", "retries"},
}
FLOORS = {
    ("actions asserted", "F1"): 0.85,
    ("emotions asserted", "F1"): 0.88,
    ("category, gold in the seven", "share"): 0.90,
    ("negation of actions", "share"): 0.95,
    ("negation of emotions", "share"): 0.95,
    ("described, first or second", "share"): 0.86,
}
WITH_REPORT = AnalyzeOptions(compare=BARE.compare)


@pytest.fixture(scope="module")
def sample(sample_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sample") / "out"
    analyze(read_corpus(sample_corpus), out, WITH_REPORT)
    return out


def test_another_run_writes_the_same_bytes_with_the_report_too(
    sample: Path, sample_corpus: Path, tmp_path: Path
) -> None:
    options = replace(WITH_REPORT, n_jobs=2, block_answers=7, has_cache=False)
    analyze(read_corpus(sample_corpus), tmp_path / "out", options)
    assert bytes_of(tmp_path / "out") == bytes_of(sample)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_file_has_the_columns_of_the_contract_in_order(sample: Path, name: str) -> None:
    columns = pq.read_schema(sample / f"{name}.parquet").names
    extra = EXTRA.get(name, set())
    assert [column for column in columns if column not in extra] == COLUMNS[name].split()
    assert set(columns) == {*COLUMNS[name].split(), *extra}


def test_every_parquet_file_is_in_the_contract(sample: Path) -> None:
    assert {path.stem for path in sample.glob("*.parquet")} == COLUMNS.keys()


def test_mentions_lie_in_the_texts_of_their_answers(sample: Path) -> None:
    key = ["item_id", "model", "repeat"]
    answers = pd.read_parquet(sample / "answers.parquet").query("mode == 'describe'").set_index(key)["text"]
    mentions = pd.read_parquet(sample / "mentions.parquet")
    assert len(mentions) > 500
    for row in mentions.to_dict("records"):
        text = answers[tuple(row[column] for column in key)]
        assert text[row["start"] : row["end"]] == row["text"]


def test_a_run_says_what_it_was_made_with(sample: Path) -> None:
    run = json.loads((sample / "run.json").read_text(encoding="utf-8"))
    assert run["descan"] == run["versions"]["descan"]
    assert run["corpus"]["name"] == "descan sample"
    assert run["options"]["support"] == "strict"
    assert len(run["lexicon_sha256"]) == len(run["corpus"]["sha256"]) == 64
    assert run["embedder"]["name"] == "all-MiniLM-L6-v2"
    assert str(sample) not in json.dumps(run)


def test_progress_is_told_up_to_the_last_byte(sample_corpus: Path, tmp_path: Path) -> None:
    corpus = read_corpus(sample_corpus)
    told: list[int] = []
    analyze(corpus, tmp_path / "out", BARE, told.append)
    assert told == sorted(told)
    assert told[-1] == corpus.n_bytes


MakeCorpus = Callable[..., Path]


@pytest.fixture
def make_corpus(tmp_path: Path) -> MakeCorpus:
    def make(*answers: dict[str, Any], items: str = "item_id,gold\na,Happy\nb,Sad\n") -> Path:
        folder = tmp_path / "corpus"
        folder.mkdir()
        (folder / "corpus.toml").write_text('name = "small"\n')
        (folder / "items.csv").write_text(items)
        lines = [json.dumps({"model": "m", "mode": "describe", **answer}) for answer in answers]
        (folder / "answers.jsonl").write_text("\n".join(lines) + "\n")
        return folder

    return make


def test_what_is_left_out_is_counted_by_its_reason(make_corpus: MakeCorpus, tmp_path: Path) -> None:
    corpus = make_corpus(
        {"item_id": "a", "text": "She smiles."},
        {"item_id": "zzz", "text": "She smiles."},
        {"item_id": "b", "text": " "},
        {"item_id": "b", "model": "n", "status": "refused", "text": ""},
        {"item_id": "b", "mode": "classify", "status": "truncated", "text": "Ha"},
    )
    run = analyze(read_corpus(corpus), tmp_path / "out", BARE).run
    assert run["left_out"] == {"describe_empty": 1, "describe_refused": 1, "unknown_item": 1}
    assert run["counts"] == {"items": 2, "answers": 4, "descriptions": 1, "labels": 1, "mentions": 1}
    labels = pd.read_parquet(tmp_path / "out" / "labels.parquet")
    assert labels["label"].isna().tolist() == [True]
    assert labels["reason"].tolist() == ["truncated"]


def test_thinking_aloud_is_neither_read_nor_a_label_and_is_counted(make_corpus: MakeCorpus, tmp_path: Path) -> None:
    corpus = make_corpus(
        {"item_id": "a", "text": "<think>Is he angry?</think>She smiles."},
        {"item_id": "a", "mode": "classify", "text": "<think>Sad?</think>Happy"},
        {"item_id": "b", "text": "She smiles."},
    )
    run = analyze(read_corpus(corpus), tmp_path / "out", BARE).run
    assert run["left_out"] == {"thinking_set_aside": 2}
    mentions = pd.read_parquet(tmp_path / "out" / "mentions.parquet")
    assert mentions[["item_id", "action", "start"]].values.tolist() == [["a", "smile", 31], ["b", "smile", 4]]
    assert pd.read_parquet(tmp_path / "out" / "labels.parquet")["label"].tolist() == ["Happy"]


def test_labels_alone_are_analyzed_without_spacy(make_corpus: MakeCorpus, tmp_path: Path) -> None:
    corpus = make_corpus({"item_id": "a", "mode": "classify", "text": "Happy"})
    script = (
        "import sys; from pathlib import Path; from descan.analysis import AnalyzeOptions, analyze; "
        "from descan.corpus import read_corpus; folders = [Path(name) for name in sys.argv[1:]]; "
        "run = analyze(read_corpus(folders[0]), folders[1], AnalyzeOptions(report=None, has_cache=False)).run; "
        "print(run['counts']['labels'], 'spacy' in sys.modules)"
    )
    command = [sys.executable, "-c", script, str(corpus), str(tmp_path / "out")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "1 False\n"


def test_nothing_that_only_the_earlier_analysis_has_stays_beside_a_later_one(
    sample_corpus: Path, tmp_path: Path
) -> None:
    corpus = shutil.copytree(sample_corpus.with_name("witnessed"), tmp_path / "corpus")
    answers = corpus / "answers.jsonl"
    first = pd.read_json(answers, lines=True).query("mode == 'describe'").iloc[0]
    seen = {"emotions": {"Happy": 0.9, "Sad": 0.1}, "actions": {"12": 0.9}}
    decided = {"item_id": first["item_id"], "model": first["model"], "mode": "decide", "text": json.dumps(seen)}
    answers.write_text(f"{answers.read_text('utf-8').rstrip()}\n{json.dumps(decided)}\n", "utf-8")
    readings = tmp_path / "people.csv"
    readings.write_text(f"item_id,model,described\n{first['item_id']},{first['model']},Sad\n")
    asked = replace(BARE.compare, human_readings=(readings,), override=True, mixed_model=True)
    everything = analyze(read_corpus(corpus), tmp_path / "out", replace(BARE, compare=asked))
    frame = pd.DataFrame({"item_id": ["a"], "text": ["She smiles."], "label": ["Happy"], "gold": ["Happy"]})
    least = analyze(read_corpus(frame), tmp_path / "least", BARE)
    assert {*OPTIONAL_FILES} == {*bytes_of(everything.folder)} - {*bytes_of(least.folder)}
    analyze(read_corpus(frame), tmp_path / "out", BARE)
    assert bytes_of(tmp_path / "out").keys() == bytes_of(least.folder).keys()


def test_an_earlier_analysis_survives_a_later_one_that_fails(make_corpus: MakeCorpus, tmp_path: Path) -> None:
    out = tmp_path / "out"
    corpus = make_corpus({"item_id": "a", "text": "She smiles."})
    analyze(read_corpus(corpus), out, BARE)
    before = bytes_of(out)
    with (corpus / "answers.jsonl").open("a") as file:
        file.write("{broken\n")
    with pytest.raises(InputError, match=r"answers\.jsonl:2: not JSON: "):
        analyze(read_corpus(corpus), out, BARE)
    assert bytes_of(out) == before
    assert {path.name for path in tmp_path.iterdir()} == {"corpus", "out"}


def test_an_analysis_does_not_go_where_the_answers_of_its_corpus_are(make_corpus: MakeCorpus) -> None:
    corpus = make_corpus({"item_id": "a", "text": "She smiles."})
    with pytest.raises(InputError, match="answers: is where the corpus has its answers; name another folder"):
        analyze(read_corpus(corpus), corpus / "answers", BARE)
    bare = corpus / "answers.jsonl"
    assert analyze(read_corpus(bare), corpus / "answers", BARE).run["counts"]["descriptions"] == 1


def test_a_real_corpus_is_accounted_for_to_the_last_answer(shared: Path, tmp_path: Path) -> None:
    run = analyze(read_corpus(shared / "corpora" / "afew-qwen"), tmp_path / "out", BARE).run
    counts, left_out = run["counts"], run["left_out"]
    assert isinstance(counts, dict)
    assert isinstance(left_out, dict)
    assert counts["answers"] == 5_130
    assert counts["descriptions"] + counts["labels"] + sum(left_out.values()) == 5_130
    verdicts = pd.read_parquet(tmp_path / "out" / "verdicts.parquet")
    assert len(verdicts) == 855 * 3
    assert set(verdicts["verdict"]) == {"right", "lucky", "labeling_failure", "seeing_failure", "unscored"}


def test_an_analysis_of_the_gold_texts_is_above_the_floors(shared: Path, tmp_path: Path) -> None:
    score = import_scorer(shared / "gold" / "score.py")
    gold = score.read_gold(str(shared / "gold" / "dev.jsonl"))
    score.write_corpus(gold, tmp_path / "corpus")
    analyze(read_corpus(tmp_path / "corpus"), tmp_path / "out", AnalyzeOptions(report=None))
    report = score.score(gold, tmp_path / "out", 0)
    below = {key: report[key[0]][key[1]] for key, floor in FLOORS.items() if not report[key[0]][key[1]] >= floor}
    assert below == {}


def import_scorer(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("gold_score", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
