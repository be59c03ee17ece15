"""`descan collect --batch`: submitted in one call, fetched in another, paid for once."""

import io
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from rich.console import Console

from descan.collect.batches.jobs import FOLDER, BatchJob, load_jobs
from descan.collect.collecting import collect
from descan.collect.display import Display
from descan.collect.providers.openai_batches import OpenAIBatches
from descan.collect.questions.estimates import Estimator
from descan.collect.questions.prompts import load_prompts
from descan.collect.result import CollectResult
from descan.collect.run_settings import load_run_settings
from descan.collect.sources.media_loading import MediaLoader
from descan.collect.sources.source_items import SourceItem
from descan.collect.sources.source_loading import load_source
from descan.corpus import read_corpus
from descan.errors import InputError
from descan.lexicon import load_category_set
from descan.records import Mode, Status
from tests.collect.provider_cases import environ_of
from tests.loading import load_answers
from tests.vlm_server import BatchCourse, FaultRule, Script, VlmServer

MODEL = "gpt-4o-2024-11-20"
N_ITEMS = 6
N_ANSWERS = 2 * N_ITEMS
SETTINGS = ("max_attempts=1", "list_price=true")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "faces"
    for n in range(N_ITEMS):
        path = folder / ("Happy", "Sad")[n % 2] / f"{n}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (40 * n, 10, 10)).save(path)
    return folder


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Any:
    with VlmServer() as running:
        for name, value in environ_of(running).items():
            monkeypatch.setenv(name, value)
        yield running
        assert running.violations == []


class Calls:
    """Calls of `descan collect` on one corpus."""

    def __init__(self, source: Path) -> None:
        self.source = source
        self.out = source.parent / "corpus"
        self.said = ""

    def run(self, **options: object) -> CollectResult:
        waits = options.pop("waits", False) is True
        given = {"source": self.source, "out": self.out, "models": [f"openai:{MODEL}"], "batch": True}
        said = io.StringIO()
        console = Console(file=said, width=200)
        result = collect(load_run_settings(None, given | options, SETTINGS), Display(console, console), waits=waits)
        self.said = said.getvalue()
        assert result is not None
        return result

    def run_until_over(self, **options: object) -> CollectResult:
        for _ in range(10):
            result = self.run(**options)
            if not result.n_pending:
                return result
        raise AssertionError("the batch is never over")

    def lines(self, name: str = "answers.jsonl") -> list[dict[str, Any]]:
        path = self.out / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def statuses(self) -> Counter[Status]:
        return Counter(answer.status for answer in load_answers(read_corpus(self.out)))

    @property
    def job(self) -> BatchJob:
        (job,) = load_jobs(self.out)
        return job


@pytest.fixture
def calls(source: Path, server: VlmServer) -> Calls:  # noqa: ARG001 (it sets the environment)
    return Calls(source)


def test_a_batch_is_submitted_in_one_call_and_fetched_in_another(calls: Calls, server: VlmServer) -> None:
    first = calls.run()
    assert (first.exit_code, first.n_pending, first.n_missing) == (3, N_ANSWERS, 0)
    assert "12 answers are in batches" in first.describe()
    assert "is submitted: 12 questions" in calls.said
    assert calls.lines() == []
    assert not list((calls.out / FOLDER).glob("*.input.jsonl"))

    waiting = calls.run()
    assert (waiting.exit_code, waiting.n_pending) == (3, N_ANSWERS)
    assert "is in_progress: 0 of 12 done" in calls.said
    assert server.counts.n_paid == 0

    last = calls.run_until_over()
    assert (last.exit_code, last.describe()) == (0, "")
    assert "is completed: 12 of 12 answers came, 0 failed" in calls.said
    assert calls.statuses() == {Status.OK: N_ANSWERS}
    assert server.counts.n_paid == N_ANSWERS
    assert list((calls.out / FOLDER).iterdir()) == []
    for line in calls.lines():
        assert line["batch_id"].startswith("batch_")
        assert line["raw"]
        assert "custom_id" not in line
        assert "latency_s" not in line

    assert calls.run().exit_code == 0
    assert server.counts.n_paid == N_ANSWERS


def test_an_answer_is_the_one_of_an_online_call_at_half_the_price(calls: Calls) -> None:
    calls.run()
    calls.run_until_over()
    in_batch = {(line["item_id"], line["mode"]): line for line in calls.lines()}
    shutil.rmtree(calls.out)
    calls.run(batch=False)
    differing = {"started_at", "request_id", "latency_s", "retries", "waited_s", "batch_id", "raw", "cost_usd"}
    online = calls.lines()
    assert len(online) == N_ANSWERS
    for line in online:
        other = in_batch[line["item_id"], line["mode"]]
        assert {k: v for k, v in line.items() if k not in differing} == {
            k: v for k, v in other.items() if k not in differing
        }
        assert other["cost_usd"] == pytest.approx(line["cost_usd"] / 2)


def test_the_plan_of_a_batch_has_its_price(calls: Calls) -> None:
    prices = []
    for is_batch in (False, True):
        run = load_run_settings(
            None, {"source": calls.source, "out": calls.out, "models": [f"openai:{MODEL}"]}, SETTINGS
        )
        said = io.StringIO()
        console = Console(file=said, width=200)
        collect(run.model_copy(update={"batch": is_batch}), Display(console, console), is_dry=True)
        row = next(line.split() for line in said.getvalue().splitlines() if line.startswith(f"{MODEL}  "))
        prices.append([float(end) for end in row[-1].split("–")])
    assert prices[1] == pytest.approx([end / 2 for end in prices[0]], abs=1e-4)


def test_a_bound_on_the_cost_of_a_batch_holds_against_the_high_figure(calls: Calls, server: VlmServer) -> None:
    run = load_run_settings(None, {"source": calls.source, "out": calls.out, "models": [f"openai:{MODEL}"]}, SETTINGS)
    prompt = load_prompts([Mode.DESCRIBE], {}, load_category_set())[Mode.DESCRIBE]
    items = load_source(calls.source).items
    estimate = Estimator(items, MediaLoader(), is_batch=True).estimate(run.models[0], prompt, None)
    assert estimate.low.cost_usd is not None
    assert estimate.high.cost_usd is not None
    assert estimate.high.cost_usd > 1.5 * estimate.low.cost_usd
    # At the low figure all six would fit, at the high one four do.
    result = calls.run(modes=["describe"], max_cost=4.5 * estimate.high.cost_usd)
    assert (result.progress[0].n_submitted, result.exit_code) == (4, 1)
    assert "--max-cost" in result.describe()
    assert server.counts.n_bad == 0


def test_one_call_waits_until_batches_are_over_and_asks_again_what_they_did_not_come_to(
    calls: Calls, server: VlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sleep(_: float) -> None:
        server.course = BatchCourse()

    monkeypatch.setattr("descan.collect.collecting.time.sleep", sleep)
    server.course = BatchCourse(end="expired")
    result = calls.run(waits=True)
    assert (result.exit_code, result.describe()) == (0, "")
    assert calls.statuses() == {Status.OK: N_ANSWERS}
    assert server.counts.n_paid == N_ANSWERS
    assert calls.said.count("is in_progress: 0 of 12 done") == 1


def test_waiting_outlasts_a_server_that_is_away_and_buys_nothing_beyond_a_bound(
    calls: Calls, server: VlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, n_waits = os.environ["OPENAI_BASE_URL"], 0

    def sleep(_: float) -> None:
        nonlocal n_waits
        n_waits += 1
        os.environ["OPENAI_BASE_URL"] = "http://127.0.0.1:9/v1" if n_waits == 1 else url

    monkeypatch.setattr("descan.collect.collecting.time.sleep", sleep)
    result = calls.run(waits=True, max_requests=5)
    assert "cannot be looked at now: connect: the server cannot be reached" in calls.said
    assert (result.exit_code, result.n_pending, result.n_missing) == (1, 0, N_ANSWERS - 5)
    assert "--max-requests 5 is reached" in result.describe()
    assert server.counts.n_paid == 5


def test_what_is_in_a_batch_is_not_asked_online(calls: Calls, server: VlmServer) -> None:
    calls.run()
    result = calls.run(batch=False)
    assert (result.exit_code, server.counts.n_paid) == (3, 0)
    assert "12 answers are in batches that are not over." in calls.said


class KillError(Exception):
    """Stands for a kill."""


@contextmanager
def killing(owner: type, method: str) -> Iterator[None]:
    """Expect a kill in the place of a method's call."""

    def die(*_: object) -> None:
        raise KillError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, method, die)
        with pytest.raises(KillError):
            yield


def test_a_kill_between_submitting_and_noting_it_costs_nothing(calls: Calls, server: VlmServer) -> None:
    with killing(BatchJob, "mark_submitted"):
        calls.run()
    assert calls.job.batch_id == ""
    calls.run_until_over()
    assert calls.statuses() == {Status.OK: N_ANSWERS}
    assert server.counts.n_paid == N_ANSWERS


def test_a_kill_before_submitting_leaves_the_batch_to_the_next_run(calls: Calls, server: VlmServer) -> None:
    with killing(OpenAIBatches, "submit"):
        calls.run()
    assert calls.job.input_path.exists()
    calls.run_until_over()
    assert calls.statuses() == {Status.OK: N_ANSWERS}
    assert server.counts.n_paid == N_ANSWERS


@pytest.mark.parametrize("n_kept", [0, 1, 7, N_ANSWERS])
def test_a_kill_while_fetching_loses_and_doubles_nothing(
    calls: Calls, server: VlmServer, monkeypatch: pytest.MonkeyPatch, n_kept: int
) -> None:
    from descan.collect.store.answers_file import AnswersFile

    append = AnswersFile.append
    n_appended = 0

    async def append_some(*args: Any) -> None:
        nonlocal n_appended
        if n_appended == n_kept:
            raise KillError
        n_appended += 1
        await append(*args)

    calls.run()
    with monkeypatch.context() as patch, killing(BatchJob, "mark_fetched"):
        patch.setattr(AnswersFile, "append", append_some)
        calls.run_until_over()
    assert len(calls.lines()) == n_kept
    calls.run_until_over()
    keys = Counter((line["item_id"], line["mode"]) for line in calls.lines())
    assert set(keys.values()) == {1}
    assert len(keys) == N_ANSWERS
    assert server.counts.n_paid == N_ANSWERS


def test_a_kill_after_fetching_only_leaves_files_to_delete(calls: Calls, server: VlmServer) -> None:
    calls.run()
    with killing(BatchJob, "remove"):
        calls.run_until_over()
    assert len(calls.lines()) == N_ANSWERS
    assert calls.run().exit_code == 0
    assert len(calls.lines()) == N_ANSWERS == server.counts.n_paid


def test_what_a_batch_did_not_come_to_is_asked_in_the_next_one(calls: Calls, server: VlmServer) -> None:
    server.course = BatchCourse(end="expired")
    calls.run()
    server.course = BatchCourse()
    while not calls.lines():
        result = calls.run()
    assert len(calls.lines()) == N_ANSWERS // 2
    assert (result.exit_code, result.n_pending) == (3, N_ANSWERS // 2)
    calls.run_until_over()
    assert calls.statuses() == {Status.OK: N_ANSWERS}
    assert server.counts.n_paid == N_ANSWERS


def test_a_batch_that_fails_stops_the_model_and_its_questions_are_free_again(calls: Calls, server: VlmServer) -> None:
    server.course = BatchCourse(end="failed")
    calls.run()
    result = calls.run_until_over()
    assert result.exit_code == 1
    assert "failed: line 1: invalid_json_line: Line 1 is not valid.; correct that, then run again" in result.describe()
    assert (result.n_missing, server.counts.n_paid) == (N_ANSWERS, 0)
    server.course = BatchCourse()
    calls.run()
    calls.run_until_over()
    assert calls.statuses() == {Status.OK: N_ANSWERS}


def test_a_rerouted_batch_keeps_what_was_paid_and_submits_nothing_more(calls: Calls, server: VlmServer) -> None:
    server.script = Script(served_models={MODEL: "gpt-6-luna"})
    calls.run()
    result = calls.run_until_over()
    assert result.exit_code == 1
    assert "rerouted: gpt-4o-2024-11-20 was asked for, gpt-6-luna answered" in result.describe()
    assert len(calls.lines("failures.jsonl")) == N_ANSWERS
    assert all(line["text"] and line["cost_usd"] for line in calls.lines("failures.jsonl"))
    assert server.counts.n_paid == N_ANSWERS


def test_items_that_fail_are_failures_of_the_corpus(calls: Calls, server: VlmServer, source: Path) -> None:
    (source / "Happy" / "broken.png").write_bytes(b"not a picture")
    server.script = Script(faults=(FaultRule("refusal", prompt_part="Disgust"),))
    calls.run()
    calls.run_until_over()
    assert calls.statuses() == {Status.OK: N_ITEMS, Status.REFUSED: N_ITEMS, Status.FAILED: 2}


@pytest.mark.parametrize("fault", ["400_image", "404", "422"])
def test_a_batch_whose_items_all_fail_alike_is_the_fault_of_the_model(
    calls: Calls, server: VlmServer, fault: str
) -> None:
    server.script = Script(faults=(FaultRule(fault),))
    calls.run()
    result = calls.run_until_over()
    assert (result.exit_code, result.n_missing) == (1, N_ANSWERS)
    assert f"{MODEL} is stopped: {fault[:3]}" in result.describe()
    assert server.counts.n_batch == 0
    server.script = Script()
    calls.run()
    calls.run_until_over()
    assert calls.statuses() == {Status.OK: N_ANSWERS}


def test_a_source_that_has_gone_ends_the_submission(calls: Calls, source: Path) -> None:
    for n in range(60):
        Image.new("RGB", (8, 8), (n, n, 9)).save(source / "Sad" / f"more-{n}.png")
    load = MediaLoader.load
    n_loaded = 0

    def lose(self: MediaLoader, item: SourceItem, *others: Any) -> Any:
        nonlocal n_loaded
        n_loaded += 1
        if n_loaded == 30:
            source.rename(source.with_name("away"))
        return load(self, item, *others)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MediaLoader, "load", lose)
        result = calls.run()
    assert result.exit_code == 1
    assert "the media of 10 items in a row cannot be read" in result.describe()
    source.with_name("away").rename(source)
    calls.run_until_over()
    calls.run_until_over()
    assert calls.statuses() == {Status.OK: N_ANSWERS + 120}


def test_a_key_that_is_refused_leaves_the_batch_to_the_next_run(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    url = os.environ["OPENAI_BASE_URL"]
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    result = calls.run()
    assert result.exit_code == 1
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    calls.run_until_over()
    assert calls.statuses() == {Status.OK: N_ANSWERS}


def test_more_than_fits_goes_into_several_batches(
    calls: Calls, server: VlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OpenAIBatches, "max_requests", 5)
    result = calls.run()
    assert result.n_pending == N_ANSWERS
    assert sorted(job.n_questions for job in load_jobs(calls.out)) == [2, 5, 5]
    calls.run_until_over()
    assert calls.statuses() == {Status.OK: N_ANSWERS}
    assert server.counts.n_paid == N_ANSWERS


@pytest.mark.parametrize(
    ("option", "value", "n"), [("max_requests", 5, 5), ("max_cost", 1e-9, 0), ("max_cost", 1000.0, N_ANSWERS)]
)
def test_bounds_hold_for_batches(calls: Calls, option: str, value: float, n: int) -> None:
    result = calls.run(**{option: value})
    assert (result.n_pending, result.n_missing) == (n, N_ANSWERS - n)
    if n < N_ANSWERS:
        assert f"--{option.replace('_', '-')}" in result.describe()


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"models": ["gemini:gemini-2.5-flash"]}, "googleapis/python-genai#1909"),
        ({"modes": ["describe", "two_stage"]}, "batch is not for two_stage: its second question depends"),
    ],
)
def test_what_cannot_go_by_batch_is_refused_with_the_reason(
    calls: Calls, options: dict[str, object], problem: str
) -> None:
    with pytest.raises(InputError, match=problem):
        calls.run(**options)
    assert not calls.out.exists()


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"token": "x"}'])
def test_a_damaged_batch_is_one_clear_line(calls: Calls, content: bytes) -> None:
    calls.run()
    path = calls.out / FOLDER / f"{calls.job.token}.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"is not a batch of descan \(.*\); move it away if its answers do not matter"):
        calls.run()


def test_leftovers_of_a_kill_while_writing_go(calls: Calls) -> None:
    calls.run()
    for name in ("20260101T000000Z-00.input.jsonl", "20260101T000000Z-00.questions.jsonl", "x.part"):
        (calls.out / FOLDER / name).write_text("{")
    job = calls.job
    calls.run()
    assert {path.name.partition(".")[0] for path in (calls.out / FOLDER).iterdir()} == {job.token}
