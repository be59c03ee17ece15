"""`descan analyze`: what goes wrong is one line on stderr, and nothing half-done is left."""

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from descan.compare.compare_options import MAX_MODELS
from tests.cli.conftest import ANSWER, LABEL, Run, append, line, write_corpus

DESCAN = str(Path(sys.executable).with_name("descan"))


# What is done to a sound corpus, further arguments, and the message.
BAD: dict[str, tuple[Callable[[Path], object], list[str], str]] = {
    "an unknown gold": (
        lambda corpus: (corpus / "items.csv").write_text("item_id,gold\na,Bliss\n"),
        [],
        "{corpus}/items.csv:2: gold 'Bliss' (line 2) is unknown; use one of Anger, Disgust, Fear, Happy, Neutral, Sad,",
    ),
    "an item given twice": (
        lambda corpus: append(corpus / "items.csv", b"a,Sad\n"),
        [],
        "{corpus}/items.csv:3: item_id 'a' occurs twice, first on line 2; list every item once",
    ),
    "an answer given twice": (
        lambda corpus: append(corpus / "answers.jsonl", line()),
        [],
        "{corpus}/answers.jsonl:3: answer item_id 'a', model 'm', mode describe, repeat 0 occurs twice;",
    ),
    "a missing column of items": (
        lambda corpus: (corpus / "items.csv").write_text("id,gold\na,Happy\n"),
        [],
        "{corpus}/items.csv:1: no column item_id; the columns are 'id', 'gold'",
    ),
    "a missing column of answers": (
        lambda corpus: append(corpus / "answers.jsonl", b'{"item_id": "a", "mode": "classify", "text": "Sad"}\n'),
        [],
        "{corpus}/answers.jsonl:3: model is missing; every row needs one",
    ),
    "a broken line": (
        lambda corpus: append(corpus / "answers.jsonl", b'{"item_id": \n'),
        [],
        "{corpus}/answers.jsonl:3: not JSON: expecting value in '{{\"item_id\":'; use one object a line",
    ),
    "another encoding": (
        lambda corpus: append(corpus / "answers.jsonl", line(repeat=1, text="X").replace(b"X", b"caf\xe9")),
        [],
        "{corpus}/answers.jsonl:3: byte 0xe9 is not UTF-8; UTF-8 is expected",
    ),
    "a corpus without answers": (
        lambda corpus: (corpus / "answers.jsonl").write_text(""),
        [],
        "{corpus}: no answers; a corpus needs at least one answer to one of its items",
    ),
    "a corpus without items": (
        lambda corpus: (corpus / "items.csv").write_text("item_id\n"),
        [],
        "{corpus}/items.csv: no items; list at least one",
    ),
    "an unknown mode": (
        lambda corpus: append(corpus / "answers.jsonl", line(mode="guess")),
        [],
        "{corpus}/answers.jsonl:3: mode 'guess' is unknown; use one of describe, classify, classify6, two_stage, ",
    ),
    "an unknown language": (
        lambda corpus: (corpus / "corpus.toml").write_text('language = "xx"\n'),
        [],
        "{corpus}/corpus.toml: key 'language': language 'xx' is unknown; use an ISO 639-1 code such as en, de or ja",
    ),
    "an unknown embedder": (
        lambda _: None,
        ["--embedder", "no-such-model"],
        "embedder 'no-such-model' is not on this machine; download it with",
    ),
    "an unknown way to categorize": (
        lambda _: None,
        ["--terms-by", "guess"],
        "--terms-by must be one of lexicon, embedding, not 'guess'",
    ),
    "embedding without an embedder": (
        lambda _: None,
        ["--terms-by", "embedding", "--embedder", "none"],
        "--terms-by embedding needs an embedder; name one, or use terms by lexicon",
    ),
    "an unknown label mode": (
        lambda _: None,
        ["--label-mode", "guess"],
        "--label-mode must be one of describe, classify, classify6, two_stage, decide, not 'guess'",
    ),
    "a label mode without labels": (
        lambda _: None,
        ["--label-mode", "describe"],
        "--label-mode must be one of classify, classify6, two_stage, decide, not 'describe'",
    ),
    "an unknown support": (
        lambda _: None,
        ["--support", "mild"],
        "--support must be one of strict, lenient, not 'mild'",
    ),
    "a threshold beyond its range": (
        lambda _: None,
        ["--lenient-threshold", "2"],
        "--lenient-threshold must be above 0 and at most 1, not 2",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_and_leaves_nothing(run: Run, corpus: Path, tmp_path: Path, name: str) -> None:
    break_it, options, message = BAD[name]
    break_it(corpus)
    outcome = run("analyze", corpus, "--out", tmp_path / "out", *options)
    assert outcome.err.startswith(f"descan: {message.format(corpus=corpus)}"), outcome.err
    assert outcome.err.count("\n") == 1
    assert (outcome.code, outcome.out) == (1, "")
    assert list(tmp_path.iterdir()) == [corpus]


def test_a_corpus_that_does_not_exist_is_one_line(run: Run, tmp_path: Path) -> None:
    outcome = run("analyze", tmp_path / "none", "--out", tmp_path / "out")
    assert outcome.err == f"descan: {tmp_path / 'none'}: does not exist; use a corpus folder or a file of answers\n"
    assert outcome.code == 1


def test_an_output_folder_with_something_else_stays_as_it_is(run: Run, corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("mine")
    outcome = run("analyze", corpus, "--out", out, "--no-report", "--no-workers")
    assert outcome.err.startswith(f"descan: {out}: holds something else; name a new or empty folder")
    assert outcome.code == 1
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]


def test_an_output_path_that_is_a_file_stays_as_it_is(run: Run, corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("mine")
    outcome = run("analyze", corpus, "--out", out, "--no-report", "--no-workers")
    assert outcome.err == f"descan: {out}: is a file; name a folder for the analysis\n"
    assert (outcome.code, out.read_text()) == (1, "mine")


def test_an_output_path_that_is_a_circle_of_links_is_one_line(run: Run, corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.symlink_to("out")
    outcome = run("analyze", corpus, "--out", out)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (1, "", 1)
    assert outcome.err.startswith(f"descan: {out}: cannot be ")
    assert "its symbolic links go round in a circle" in outcome.err


@pytest.mark.parametrize("arguments", [["analyze"], ["analyse"], ["explain", "--no-such-option"], ["analyze", "x"]])
def test_wrong_usage_exits_with_2_and_no_traceback(run: Run, arguments: list[str]) -> None:
    outcome = run(*arguments)
    assert outcome.code == 2
    assert outcome.err.startswith("Usage: ")
    assert "Traceback" not in outcome.err


@pytest.mark.slow
def test_an_earlier_analysis_survives_a_later_one_that_fails(run: Run, corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("analyze", corpus, "--out", out, "--no-report", "--no-workers").code == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    append(corpus / "answers.jsonl", b"{\n")
    assert run("analyze", corpus, "--out", out, "--no-report", "--no-workers").code == 1
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_answers_to_unknown_items_are_counted(run: Run, corpus: Path, tmp_path: Path) -> None:
    append(corpus / "answers.jsonl", line(item_id="x") + line(item_id="y"))
    outcome = run("analyze", corpus, "--out", tmp_path / "out", "--no-report", "--no-workers")
    assert "Left out while loading: 2 unknown item" in outcome.out
    assert json.loads((tmp_path / "out" / "run.json").read_text())["left_out"] == {"unknown_item": 2}


def test_files_that_are_not_loaded_are_named_and_counted(run: Run, corpus: Path, tmp_path: Path) -> None:
    (corpus / "answers").mkdir()
    (corpus / "answers" / "b.jsonl.gz").write_bytes(b"")
    outcome = run("analyze", corpus, "--out", tmp_path / "out", "--no-report", "--no-workers")
    assert outcome.code == 0
    assert outcome.err == f"descan: {corpus}: not loaded as answers: answers/b.jsonl.gz is compressed; unpack it\n"
    assert json.loads((tmp_path / "out" / "run.json").read_text())["left_out"] == {"unread_files": 1}


@pytest.mark.slow
def test_control_characters_and_a_megabyte_are_read(run: Run, corpus: Path, tmp_path: Path) -> None:
    odd = "\x00\x07 smiling \x1b[2J \r\n brows\x00 raised \u202e sad"
    append(corpus / "answers.jsonl", line(model="odd", text=odd))
    append(corpus / "answers.jsonl", line(model="long", text="Her brows are furrowed; no smile. " * 30_000))
    outcome = run("analyze", corpus, "--out", tmp_path / "out", "--no-report", "--no-workers")
    assert (outcome.code, outcome.err) == (0, "")
    assert "\x1b[2J" not in outcome.out


@pytest.mark.slow
def test_the_summary_passes_no_escapes_of_a_corpus_to_the_terminal(run: Run, tmp_path: Path) -> None:
    model = "evil\u202emodel [red]x[/red]"
    corpus = write_corpus(tmp_path / "corpus", [{**ANSWER, "model": model}, {**LABEL, "model": model}])
    outcome = run("analyze", corpus, "--out", tmp_path / "out", "--no-report", "--no-workers")
    assert outcome.code == 0
    assert "\u202e" not in outcome.out
    assert "\\u202e" in outcome.out


def test_a_control_character_in_a_model_name_is_refused_visibly(run: Run, corpus: Path, tmp_path: Path) -> None:
    append(corpus / "answers.jsonl", line(model="m\x1b[31m"))
    outcome = run("analyze", corpus, "--out", tmp_path / "out", "--no-report", "--no-workers")
    assert outcome.code == 1
    assert "\x1b" not in outcome.err
    assert "model 'm\\x1b[31m' holds a control character" in outcome.err


@pytest.mark.slow
def test_no_cell_of_a_table_is_a_formula(run: Run, tmp_path: Path) -> None:
    answers = [
        {**answer, "model": model}
        for model in ("=cmd|' /C calc'!A0", "+1", "-2+3", "@SUM(A1)")
        for answer in (ANSWER, LABEL)
    ]
    corpus = write_corpus(tmp_path / "corpus", answers)
    assert run("analyze", corpus, "--out", tmp_path / "out", "--no-report", "--no-workers").code == 0
    for path in (tmp_path / "out" / "tables").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        for cell in cells:
            assert not cell.startswith(("=", "@", "+")), (path.name, cell)
            assert not cell.startswith("-") or cell.replace("-", "").replace(".", "").replace("e", "").isdigit(), cell


@pytest.mark.slow
def test_no_model_library_is_imported_where_no_term_needs_embedding(corpus: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from descan.cli.app import app; app(standalone_mode=False)\n"
        "heavy = {'transformers', 'sentence_transformers', 'umap', 'openai', 'google.genai'}\n"
        "heavy &= set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    command = [sys.executable, "-c", script, "analyze", str(corpus), "--out", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_ctrl_c_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    rng = random.Random(1)
    words = [
        "her brows are raised",
        "no smile",
        "she seems sad",
        "the lips are pressed",
        "he looks worried",
        "wide eyes",
    ]
    corpus = write_corpus(tmp_path / "corpus", [ANSWER])
    with (corpus / "answers.jsonl").open("ab") as file:
        for number in range(60_000):
            file.write(line(repeat=number + 1, text=", ".join(rng.choices(words, k=30)) + "."))
    command = [DESCAN, "analyze", str(corpus), "--out", str(tmp_path / "out")]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "COLUMNS": "80"})
    until = time.monotonic() + 30
    while time.monotonic() < until and not list(tmp_path.glob("out/.partial-*/mentions.parquet")):
        assert process.poll() is None
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err == "descan: interrupted; nothing half-written is left\n"
    assert [path.name for path in tmp_path.iterdir()] == ["corpus"]


def test_more_models_than_make_sense_are_refused_before_their_descriptions_are_compared(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "replies.csv"
    rows = [f"i{place},face {place} smiles,{place}" for place in range(MAX_MODELS + 1)]
    path.write_text("\n".join(["item_id,text,row", *rows]) + "\n", encoding="utf-8")
    ended = run(
        "analyze", str(path), "--out", str(tmp_path / "out"), "--model-column", "row", "--no-report", "--no-workers"
    )
    assert ended.code == 1
    assert f"{path}: column 'row' has 2,001 different values in the first 2,001 answers" in ended.err
    assert "at most 2,000 models can be compared; name the column that says which model answered" in ended.err
    assert not (tmp_path / "out").exists()


def test_an_alias_gives_gold_and_labels_their_category(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,gold,label\nA smile.,0,3\n")
    out = tmp_path / "out"
    done = run(
        "analyze",
        tmp_path / "a.csv",
        "--out",
        out,
        "--no-report",
        "--no-workers",
        "--alias",
        "0=joy",
        "--alias",
        "3=Sad",
    )
    assert done.code == 0, done.err
    [verdict] = pq.read_table(out / "verdicts.parquet").to_pylist()
    assert (verdict["gold"], verdict["label"], verdict["verdict"]) == ("Happy", "Sad", "labeling_failure")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (["0"], "--alias '0' is not allowed; use KEY=VALUE"),
        (["0=Sad", "0=joy"], "--alias '0=joy' gives '0' a second value; give it one"),
        (["0=glee"], "alias '0' is given as 'glee'; use one of Anger, Disgust, Fear, Happy, Neutral, Sad, Surprise"),
    ],
)
def test_an_alias_that_makes_no_sense_is_one_line(
    run: Run, sample_corpus: Path, tmp_path: Path, given: list[str], problem: str
) -> None:
    options = [part for alias in given for part in ("--alias", alias)]
    done = run("analyze", sample_corpus, "--out", tmp_path / "out", *options)
    assert (done.code, done.err) == (1, f"descan: {problem}\n")


@pytest.mark.slow
def test_quiet_prints_nothing_and_json_prints_the_summary_alone(run: Run, corpus: Path, tmp_path: Path) -> None:
    command = (
        "analyze",
        corpus,
        "-o",
        tmp_path / "out",
        "--no-report",
        "--no-workers",
        "--resamples",
        "100",
        "--embedder",
        "none",
    )
    assert run(*command, "-q") == (0, "", "")
    outcome = run(*command, "--json")
    record = json.loads(outcome.out)
    assert (outcome.code, outcome.err, record["report"], record["models"]) == (0, "", None, ["m"])
    assert [row["n"] for row in record["tables"]["verdicts"] if row["verdict"] == "right"] == [1]
