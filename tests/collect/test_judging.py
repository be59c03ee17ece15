"""`descan judge` against the test server: blind, continued after a kill, and the bias of a judge found."""

import csv
import json
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import descan
from descan.analysis import AnalyzeOptions, analyze
from descan.compare import CompareOptions, compare
from descan.corpus import read_corpus
from descan.corpus.readings import JUDGE_COLUMNS, READING_COLUMNS
from descan.errors import InputError
from tests.collect.collectors import Collectors, read_lines, server_environment
from tests.command_line import Outcome, run_descan
from tests.vlm_server import ModelRequest, Script, VlmServer

MODELS = ("zeta-describer", "omega-describer")
GOLDS = ("Happy", "Sad")
N_ITEMS = 24
SAYS = {
    "Happy": "The person smiles broadly and looks happy, face {}.",
    "Sad": "The mouth corners turn down and the person looks sad, face {}.",
}
REPLIES = {"happy": "**Happy**", "sad": "Answer: Sad"}

_TEXT = re.compile(r"<text>\n(.*)\n</text>", re.DOTALL)


def read_right(request: ModelRequest) -> str:
    """Read what the text says."""
    text = _TEXT.search(request.prompt)
    assert text is not None
    return next(reply for word, reply in REPLIES.items() if word in text[1])


def favour_zeta(request: ModelRequest) -> str:
    """Read what the text says, but in texts of the first model, which number their faces below 100, the gold."""
    text = _TEXT.search(request.prompt)
    assert text is not None
    number = int(re.findall(r"\d+", text[1])[0])
    return GOLDS[number % 2] if number < 100 else read_right(request)


def judge_each(request: ModelRequest) -> str:
    """Answer as the judge that is asked."""
    return favour_zeta(request) if request.model.startswith("gemini") else read_right(request)


def write_corpus(folder: Path) -> Path:
    """Write a corpus whose two models say gold in half of their texts."""
    folder.mkdir()
    (folder / "corpus.toml").write_text('name = "faces"\nlanguage = "en"\n', encoding="utf-8")
    items = [f"secret-item-{number:02d},{GOLDS[number % 2]}" for number in range(N_ITEMS)]
    (folder / "items.csv").write_text("\n".join(["item_id,gold", *items]), encoding="utf-8")
    answers = []
    for place, model in enumerate(MODELS):
        for number in range(N_ITEMS):
            said = GOLDS[(number + number // 2) % 2]
            one = {"item_id": f"secret-item-{number:02d}", "model": model}
            answers.append({**one, "mode": "describe", "text": SAYS[said].format(number + 100 * place)})
            answers.append({**one, "mode": "classify", "text": "Happy"})
    (folder / "answers.jsonl").write_text("\n".join(map(json.dumps, answers)), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An analysis of that corpus."""
    folder = tmp_path_factory.mktemp("study")
    options = AnalyzeOptions(report=None, embedder="none", compare=CompareOptions(n_resamples=100, threads=1))
    return analyze(read_corpus(write_corpus(folder / "corpus")), folder / "out", options).folder


class Judge:
    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], study: Path, out: Path
    ) -> None:
        self._monkeypatch, self._capsys, self._study, self.out = monkeypatch, capsys, study, out

    def __call__(self, server: VlmServer, *arguments: object) -> Outcome:
        for name, value in server_environment(server).items():
            self._monkeypatch.setenv(name, value)
        return run_descan(self._capsys, "judge", self._study, "--out", self.out, *arguments)

    def readings(self) -> list[Mapping[str, str]]:
        with (self.out / "readings.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], study: Path, tmp_path: Path) -> Judge:
    """Run `descan judge` against a server."""
    return Judge(monkeypatch, capsys, study, tmp_path / "judges")


BOTH = ("--model", "openai:gpt-4o-mini", "--model", "gemini:gemini-2.5-flash", "--set", "list_price=true")


@pytest.mark.slow
def test_judges_read_blind_and_their_bias_is_found(judge: Judge, study: Path, tmp_path: Path) -> None:
    bodies: list[str] = []

    def answer(request: ModelRequest) -> str:
        bodies.append(json.dumps(request.body))
        return judge_each(request)

    with VlmServer(Script(answer)) as server:
        done = judge(server, *BOTH, "--name", "gpt-4o-mini=right")
        assert not server.violations
    assert done.code == 0, done.err
    assert len(bodies) == 2 * 2 * N_ITEMS
    hidden = ("secret-item", *MODELS, "gold", "label", "verdict")
    assert [word for body in bodies for word in hidden if word in body] == []
    assert not any(key in path.read_text(errors="replace") for key in keys(server) for path in files(judge.out))
    rows = judge.readings()
    assert tuple(rows[0]) == (*READING_COLUMNS, *JUDGE_COLUMNS)
    assert {(row["reader"], row["kind"]) for row in rows} == {("right", "judge"), ("gemini-2.5-flash", "judge")}
    assert all(float(row["cost_usd"]) > 0 and float(row["latency_s"]) >= 0 for row in rows)
    people = tmp_path / "people.csv"
    read = [f"{row['item_id']},{row['model']},anna,{row['described']}" for row in rows if row["reader"] == "right"]
    people.write_text("\n".join(["item_id,model,reader,described", *read]), encoding="utf-8")
    again = shutil.copytree(study, tmp_path / "again")
    compare(again, CompareOptions(n_resamples=300, threads=1, human_readings=(people, judge.out / "readings.csv")))
    judges = {(row["judge"], row["model"]): row for row in read_table(again, "judges")}
    zeta, omega = (judges["gemini-2.5-flash", model] for model in MODELS)
    assert (zeta["bias"], omega["bias"], zeta["agreement"], zeta["decision"]) == ("0.5", "0.0", "0.5", "differs")
    assert float(zeta["low"]) > 0.2
    assert {row["bias"] for (name, _), row in judges.items() if name == "right"} == {"0.0"}
    predictors = {row["predictor"] for row in read_table(again, "verdicts_readers")}
    assert predictors == {"descan", "gemini-2.5-flash", "right"}


def test_what_cannot_be_read_is_told_and_never_undecided(judge: Judge) -> None:
    replies = ["Undecided.", "REFUSAL", "The weather is nice.", "I'm sorry, I can't help with that.", "Happy"]

    def answer(request: ModelRequest) -> str:
        return replies[int(request.key[:8], 16) % len(replies)]

    with VlmServer(Script(answer)) as server:
        done = judge(server, *BOTH[:2], "--sample", "20", "--seed", "1")
        asked = read_lines(judge.out / "answers.jsonl")
        assert len(asked) == 20
        more = judge(server, "--sample", "22")
        assert len(read_lines(judge.out / "answers.jsonl")) == 22
    assert done.code == more.code == 0, done.err
    said = {row["described"] for row in judge.readings()}
    assert said == {"Undecided", "refusal", "unparsed", "Happy"}
    assert {row["note"] for row in judge.readings() if row["described"] == "unparsed"} >= {"unparsed", "refused"}
    assert re.search(r"\d+ readings \(\d+ Undecided\), \d+ called no description; \d+ replies have no", done.out)


def test_a_plan_is_shown_and_nothing_sent(judge: Judge, tmp_path: Path) -> None:
    with VlmServer() as server:
        done = judge(server, *BOTH, "--repeats", "2", "--described-model", MODELS[0], "--dry-run")
        assert server.counts.n_requests == 0
        unknown = judge(server, *BOTH, "--described-model", "nobody")
        prompt = tmp_path / "prompt.md"
        prompt.write_text("Which emotion?", encoding="utf-8")
        bare = judge(server, *BOTH, "--prompt", prompt)
    assert "Plan: 24 texts x 2 judges x 2 repeats" in done.out
    assert not judge.out.exists()
    assert "no description by 'nobody' was read; use one of 'omega-describer', 'zeta-describer'" in unknown.err
    assert "prompt.md: has no {description}; write it where the description goes" in bare.err


@pytest.mark.slow
def test_a_killed_run_goes_on_and_asks_nothing_twice(study: Path, tmp_path: Path) -> None:
    out = tmp_path / "judges"
    with VlmServer(Script(judge_each), latency_s=0.1) as server:
        collectors = Collectors(server_environment(server), tmp_path / "log", command="judge")
        arguments = (study, "--out", out, *BOTH, "--concurrency", "2")
        with collectors.running(*arguments):
            while server.counts.n_requests < 20:
                time.sleep(0.01)
        n_safe = len(read_lines(out / "answers.jsonl"))
        assert 0 < n_safe < 4 * N_ITEMS
        assert collectors.run(*arguments) == 0, (tmp_path / "log").read_text()[-2000:]
        assert server.counts.n_paid <= 4 * N_ITEMS + 4
    answers = read_lines(out / "answers.jsonl")
    assert len({(one["item_id"], one["model"]) for one in answers}) == len(answers) == 4 * N_ITEMS
    assert (out / "readings.csv").read_text().count("\n") == 1 + 4 * N_ITEMS


def test_without_descriptions_there_is_nothing_to_judge(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not the folder of an analysis"):
        descan.judge(tmp_path, models=["openai:gpt-4o-mini"], quiet=True)


def read_table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "tables" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def keys(server: VlmServer) -> list[str]:
    return [value for name, value in server_environment(server).items() if name.endswith("KEY")]


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
