"""One name, one recipe; several named prompts of a mode; and what analyze makes of both."""

import csv
from pathlib import Path

import pytest

from descan.analysis import AnalyzeOptions, analyze
from descan.compare import CompareOptions
from descan.corpus import read_corpus
from tests.collect.collectors import draw_pictures, read_lines
from tests.collect.conftest import Collect
from tests.vlm_server import VlmServer

GPT = ("--model", "openai:gpt-4o-2024-11-20")
OPTIONS = AnalyzeOptions(embedder="none", compare=CompareOptions(n_resamples=100), has_cache=False)


def recipes(out: Path) -> dict[tuple[str, str, str], set[str]]:
    """Return the parameters of answers by model, mode and name of the prompt."""
    found: dict[tuple[str, str, str], set[str]] = {}
    for cells in read_lines(out / "answers.jsonl"):
        key = cells["model"], cells["mode"], cells.get("prompt", "")
        found.setdefault(key, set()).add(cells["params_sha256"])
    return found


def test_two_modes_asked_with_different_parameters_never_share_a_name(
    collect: Collect, faces: Path, tmp_path: Path
) -> None:
    out = tmp_path / "corpus"
    with VlmServer() as server:
        for mode, temperature in (("describe", 0), ("classify", 1), ("classify", 0), ("describe", 1)):
            arguments = (faces, "--out", out, *GPT, "--mode", mode, "--set", f"temperature={temperature}")
            assert collect(*arguments, server=server).code == 0
        assert server.counts.n_paid == 4 * 14
    names = sorted({model for model, _, _ in recipes(out)})
    assert len(names) == 2
    for name in names:
        modes = {mode: params for (model, mode, _), params in recipes(out).items() if model == name}
        assert set(modes) == {"describe", "classify"}
        assert len(set().union(*modes.values())) == 1
    analysis = analyze(read_corpus(out), tmp_path / "analysis", OPTIONS)
    assert not [note for note in analysis.run["corpus"]["notes"] if "parameters" in note]


def test_a_model_gets_the_name_that_the_user_gives_it(collect: Collect, faces: Path, tmp_path: Path) -> None:
    out = tmp_path / "corpus"
    models = (*GPT, "--model", "gemini:gemini-2.5-flash")
    named = ("--name", "gpt-4o-2024-11-20=GPT-4o, hot", "--set", "GPT-4o, hot.temperature=1.5", "--mode", "classify")
    with VlmServer() as server:
        assert collect(faces, "--out", out, *models, *named, server=server).code == 0
    assert {model for model, _, _ in recipes(out)} == {"GPT-4o, hot", "gemini-2.5-flash"}
    unknown = collect(faces, "--out", out, *models, "--name", "gpt-5=x")
    assert unknown.code == 1
    assert unknown.err.startswith("descan: --name model 'gpt-5' is not in the run; use gpt-4o-2024-11")


def test_analyze_says_where_it_compares_answers_of_different_parameters(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text("item_id,gold\na,Happy\nb,Sad\n")
    (tmp_path / "corpus.toml").write_text('name = "mixed"\n')
    lines = [
        f'{{"item_id": "{item}", "model": "{model}", "mode": "{mode}", "text": "Happy", "params_sha256": "{params}"}}\n'
        for item in "ab"
        for model, described in (("mixed", "aaaaaa1"), ("same", "bbbbbb1"))
        for mode, params in (("describe", described), ("classify", "bbbbbb1"))
    ]
    (tmp_path / "answers.jsonl").write_text("".join(lines))
    analysis = analyze(read_corpus(tmp_path), tmp_path / "analysis", OPTIONS)
    told = [note for note in analysis.run["corpus"]["notes"] if "parameters" in note]
    assert told == [
        "'mixed' was asked with different parameters, and its answers are compared all the same: classify with bbbbbb "
        "2; describe with aaaaaa 2"
    ]


def test_several_named_prompts_of_a_mode_are_asked_in_one_run_and_compared(collect: Collect, tmp_path: Path) -> None:
    faces, out = draw_pictures(tmp_path / "faces", 14), tmp_path / "corpus"
    for name in ("short", "long"):
        (tmp_path / f"{name}.md").write_text(f"Say in a {name} way how the person feels.")
    named = [part for name in ("short", "long") for part in ("--prompt", f"describe:{name}={tmp_path / name}.md")]
    with VlmServer() as server:
        plan = collect(faces, "--out", out, *GPT, *named, "--dry-run", server=server)
        assert plan.out.startswith("Plan: 14 items x 1 model x 3 prompts (describe:short, describe:long, classify)\n")
        assert collect(faces, "--out", out, *GPT, *named, server=server).code == 0
        assert server.counts.n_paid == 3 * 14
        # The same run again, and the run file of the corpus, have nothing left; one prompt of them has neither.
        assert collect(faces, "--out", out, *GPT, *named, server=server).code == 0
        assert collect("--resume", "--out", out, server=server).code == 0
        assert collect(faces, "--out", out, *GPT, *named[:2], server=server).code == 0
        assert server.counts.n_paid == 3 * 14
        status = collect("--status", out)
    name = "gpt-4o-2024-11-20"
    assert set(recipes(out)) == {(name, "describe", "short"), (name, "describe", "long"), (name, "classify", "")}
    assert status.code == 0
    prompts = (out / "corpus.toml").read_text()
    assert '"describe:short" = ' in prompts
    assert '"describe:long" = ' in prompts
    analysis = analyze(read_corpus(out), tmp_path / "analysis", OPTIONS)
    assert any(
        "Mode describe mixes the answers to 2 prompts ('long' 14, 'short' 14)" in note for note in notes(analysis)
    )
    with (tmp_path / "analysis" / "tables" / "prompts.csv").open() as file:
        rows = [(row["mode"], row["prompt"], row["n_items"]) for row in csv.DictReader(file)]
    assert rows == [("describe", "long", "14"), ("describe", "short", "14")]
    with (tmp_path / "analysis" / "tables" / "variance.csv").open() as file:
        assert "prompt" in {row["component"] for row in csv.DictReader(file)}


def notes(analysis: object) -> list[str]:
    run: dict[str, dict[str, list[str]]] = analysis.run  # type: ignore[attr-defined]
    return run["corpus"]["notes"]


def test_an_answer_to_the_same_text_is_copied_from_one_name_of_a_prompt_to_another(
    collect: Collect, tmp_path: Path
) -> None:
    faces, out = draw_pictures(tmp_path / "faces", 7), tmp_path / "corpus"
    (tmp_path / "short.md").write_text("How does the person feel?")
    with VlmServer() as server:
        for label in ("describe", "describe:short", "describe"):
            given = ("--mode", "describe", "--prompt", f"{label}={tmp_path / 'short.md'}")
            assert collect(faces, "--out", out, *GPT, *given, server=server).code == 0
        assert server.counts.n_paid == 7
    copies = [cells for cells in read_lines(out / "answers.jsonl") if "copied_from" in cells]
    assert {(cells["model"], cells["prompt"], cells["cost_usd"]) for cells in copies} == {
        ("gpt-4o-2024-11-20", "short", 0)
    }


@pytest.mark.parametrize(
    "label", ["guess", "describe:", "describe:a b", "describe:a:b", "describe@x", f"describe:{'x' * 65}"]
)
def test_a_name_that_is_no_prompts_is_refused(collect: Collect, faces: Path, tmp_path: Path, label: str) -> None:
    outcome = collect(faces, "--out", tmp_path / "corpus", *GPT, "--prompt", f"{label}={tmp_path}")
    assert outcome.code == 1
    problem = (
        "is not allowed; use MODE or MODE:NAME, with a mode of describe, classify, classify6, two_stage, decide and"
    )
    assert outcome.err.startswith(f"descan: --prompt '{label}' {problem}")


def test_two_prompts_of_a_mode_with_the_same_text_are_refused(collect: Collect, faces: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.md").write_text("How does the person feel?")
    given = [part for name in "ab" for part in ("--prompt", f"describe:{name}={tmp_path / name}.md")]
    outcome = collect(faces, "--out", tmp_path / "corpus", *GPT, *given)
    assert outcome.code == 1
    problem = "has the same text as the prompt describe:a; name one of them"
    assert outcome.err == f"descan: {tmp_path / 'b.md'}: {problem}\n"
