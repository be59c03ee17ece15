"""Several prompts of one mode: their answers are told apart, and count as repeats of an item."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from descan.analysis import analyze
from descan.corpus import read_corpus
from descan.errors import InputError
from descan.report.analysis_tables import read_analysis
from descan.report.answer import answer_sentences
from descan.report.paper.methods import write_methods
from descan.report.paper.tables import print_table
from tests.analysis.corpora import BARE, answer, tables_of, write_items, write_lines
from tests.command_line import run_descan

TEXTS = {"short": "She smiles.", "long": "He seems sad, the lips are pressed.", "": "Wide eyes, she is afraid."}


def write_prompts(
    folder: Path, prompts: tuple[str, ...] = ("short", "long"), n_repeats: int = 1, n_items: int = 3, **more: Any
) -> Path:
    """Write a corpus of items with a label and a description in every prompt and repeat."""
    folder.mkdir()
    write_items(folder, n_items)
    rows = [
        answer(f"i{number}", text=TEXTS.get(prompt, "She smiles."), prompt=prompt, repeat=repeat, **more)
        for number in range(n_items)
        for prompt in prompts
        for repeat in range(n_repeats)
    ]
    rows += [answer(f"i{number}", mode="classify", text="Sad") for number in range(n_items)]
    write_lines(folder / "answers.jsonl", iter(rows))
    return folder


def describes(folder: Path) -> pd.DataFrame:
    answers = pd.read_parquet(folder / "answers.parquet")
    return answers[(answers["mode"] == "describe") & (answers["item_id"] == "i0")].sort_values("repeat")


def test_answers_to_two_prompts_are_numbered_through_both(tmp_path: Path) -> None:
    corpus = write_prompts(tmp_path / "corpus", n_repeats=2)
    found = analyze(read_corpus(corpus), tmp_path / "out", BARE)
    rows = describes(tmp_path / "out")
    # Sorted by name, long comes before short: repeat 0 is 0 and 1, repeat 1 is 2 and 3.
    assert rows["repeat"].tolist() == [0, 1, 2, 3]
    assert rows["prompt"].tolist() == ["long", "short", "long", "short"]
    readings = found.records("readings")
    assert not readings.duplicated(["item_id", "model", "repeat"]).any()
    mine = readings[readings["item_id"] == "i0"].set_index("repeat")["described"]
    assert mine.to_dict() == {0: "Sad", 1: "Happy", 2: "Sad", 3: "Happy"}
    labels = found.records("labels")
    assert labels["repeat"].tolist() == [0, 0, 0]
    assert found.run["prompts"] == {"several": {"describe": {"long": 6, "short": 6}}, "renumbered": ["describe"]}


def test_the_numbers_do_not_depend_on_how_the_work_is_cut(tmp_path: Path) -> None:
    corpus = read_corpus(write_prompts(tmp_path / "corpus", n_repeats=3))
    for name, options in (("whole", BARE), ("cut", replace(BARE, block_answers=2))):
        analyze(corpus, tmp_path / name, options)
    assert tables_of(tmp_path / "whole") == tables_of(tmp_path / "cut")
    assert pq.read_table(tmp_path / "whole" / "answers.parquet") == pq.read_table(tmp_path / "cut" / "answers.parquet")


def test_repeats_that_are_numbered_apart_stay_as_they_are(tmp_path: Path) -> None:
    folder = write_prompts(tmp_path / "corpus", ("short",))
    with (folder / "answers.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(answer("i0", text=TEXTS["long"], prompt="long", repeat=4)) + "\n")
    found = analyze(read_corpus(folder), tmp_path / "out", BARE)
    assert describes(tmp_path / "out")[["repeat", "prompt"]].to_numpy().tolist() == [[0, "short"], [4, "long"]]
    assert found.run["prompts"] == {"several": {"describe": {"long": 1, "short": 3}}, "renumbered": []}


def test_a_prompt_without_a_name_is_called_by_its_hash(tmp_path: Path) -> None:
    text = "Describe the face\nin detail."
    folder = write_prompts(tmp_path / "corpus", ("",), prompt_sha256="ab12cd34" * 8)
    with (folder / "answers.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(answer("i0", prompt=text)) + "\n")
    analyze(read_corpus(folder), tmp_path / "out", BARE)
    assert describes(tmp_path / "out")["prompt"].tolist() == [hashlib.sha256(text.encode()).hexdigest()[:6], "ab12cd"]


def test_a_mixture_is_said_in_the_summary(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_prompts(tmp_path / "corpus", n_items=42)
    out = tmp_path / "out"
    outcome = run_descan(
        capsys, "analyze", folder, "--out", out, "--embedder", "none", "--no-report", "--resamples", 200, "--no-workers"
    )
    assert (outcome.code, outcome.err) == (0, "")
    told = " ".join(outcome.out.split())
    mixed = "Mode describe mixes the answers to 2 prompts ('long' 42, 'short' 42): to an item, they count as repeats"
    assert mixed in told
    # Each prompt always says one thing, which is right for one of the seven categories.
    first, last = (
        "m in mode describe 14% (6–29) by long",
        "14% (6–29) by short, and 0% (0–7) of the variance lies between prompts",
    )
    assert f"Accuracy from the least to the most accurate prompt: {first} to {last}." in told
    tables = read_analysis(out)
    assert any("by \u2068long\u2069 to 14%" in sentence for sentence in answer_sentences(tables))
    methods = write_methods(tables, is_latex=False).text
    assert "Mode describe has answers to 2 prompts, which count as repeats of an item." in methods
    assert print_table("prompts", tables, 1).n_keys == len(["model", "mode", "prompt"])


def test_tables_have_prompts_as_well(tmp_path: Path) -> None:
    path = tmp_path / "texts.csv"
    path.write_text(
        "item_id,gold,text,prompt\na,Sad,She smiles.,one\na,Sad,He cries.,two\nb,Happy,She smiles.,one\n",
        encoding="utf-8",
    )
    found = analyze(read_corpus(path), tmp_path / "out", BARE)
    assert found.records("answers")[["item_id", "repeat", "prompt"]].to_numpy().tolist() == [
        ["a", 0, "one"],
        ["a", 1, "two"],
        ["b", 0, "one"],
    ]
    assert not any("prompt" in note and "not read" in note for note in found.run["corpus"]["notes"])


def test_one_prompt_with_the_same_repeat_twice_is_refused(tmp_path: Path) -> None:
    folder = write_prompts(tmp_path / "corpus", ("short", "long", "short"))
    with pytest.raises(InputError) as caught:
        analyze(read_corpus(folder), tmp_path / "out", BARE)
    problem = "answer item_id 'i0', model 'm', mode describe, repeat 0 of prompt 'short' occurs twice"
    assert str(caught.value) == f"{folder / 'answers.jsonl'}:3: {problem}; number repeated answers in repeat"


def test_a_repeat_too_large_to_be_numbered_is_refused(tmp_path: Path) -> None:
    folder = write_prompts(tmp_path / "corpus")
    with (folder / "answers.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(answer("i0", prompt="long", repeat=2**30)) + "\n")
    with pytest.raises(
        InputError, match=r":10: repeat 1073741824 is too large beside 2 prompts; number repeats from 0"
    ):
        analyze(read_corpus(folder), tmp_path / "out", BARE)


def test_a_failure_counts_for_its_own_prompt_where_prompts_are_mixed(tmp_path: Path) -> None:
    folder = write_prompts(tmp_path / "corpus")
    lines = (folder / "answers.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "answers.jsonl").write_text("".join(lines[1:]), encoding="utf-8")
    failures = (answer("i0", prompt=prompt, status="failed") for prompt in ("short", "long", "never answered"))
    write_lines(folder / "failures.jsonl", failures)
    analyze(read_corpus(folder), tmp_path / "out", BARE)
    rows = describes(tmp_path / "out")
    assert rows[["repeat", "prompt", "status"]].to_numpy().tolist() == [[0, "long", "ok"], [1, "short", "failed"]]


def test_where_each_item_has_its_own_prompt_none_is_set_beside_another(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    write_items(folder, 30)
    write_lines(folder / "answers.jsonl", (answer(f"i{number}", prompt=f"about {number}") for number in range(30)))
    found = analyze(read_corpus(folder), tmp_path / "out", BARE)
    assert found.run["prompts"] == {"several": {}, "renumbered": []}
    assert not any("prompt" in sentence for sentence in answer_sentences(read_analysis(tmp_path / "out")))
