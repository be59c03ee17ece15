"""`descan collect --status`: how far a corpus is, also while it is collected."""

import time
from pathlib import Path

import pytest

from descan.collect.status import load_status
from descan.errors import InputError
from descan.records import Status
from tests.collect.collectors import MODELS, Collectors, draw_pictures, server_environment
from tests.collect.conftest import Collect
from tests.vlm_server import FaultRule, Script, VlmServer

GPT, FLASH = "gpt-4o-2024-11-20", "gemini-2.5-flash"


def test_every_question_is_counted_once_by_what_the_latest_run_wants(collect: Collect, tmp_path: Path) -> None:
    faces, out = draw_pictures(tmp_path / "faces", 7), tmp_path / "corpus"
    rules = (FaultRule("503", numbers=(2,)), FaultRule("400_image", numbers=(4,)), FaultRule("404", model=FLASH))
    settings = ("--concurrency", 1, "--set", "max_attempts=1", "--set", "list_price=true")
    with VlmServer(Script(faults=rules)) as server:
        collect(faces, "--out", out, *MODELS[:2], "--mode", "describe", *settings, server=server)
        collect(faces, "--out", out, *MODELS, "--mode", "describe", "--mode", "classify", *settings, server=server)
    found = load_status(out)
    assert (found.n_items, found.is_collecting) == (7, False)
    described, classified = found.series[GPT, "describe"], found.series[GPT, "classify"]
    assert (described.statuses, described.n_failed, described.n_retryable) == ({Status.OK: 6}, 1, 0)
    assert (described.n_left, classified.n_left, found.series[FLASH, "classify"].n_left) == (0, 0, 7)
    assert described.cost_usd > 0
    assert found.last_fault.startswith("400 image_parse_error")
    assert found.last_answer_at > found.last_fault_at > "2026"


def test_the_table_names_models_and_modes_and_needs_neither_source_nor_key(collect: Collect, tmp_path: Path) -> None:
    faces, out = draw_pictures(tmp_path / "faces", 7), tmp_path / "corpus"
    with VlmServer(Script(faults=(FaultRule("503", numbers=(2,)),))) as server:
        arguments = (faces, "--out", out, *MODELS[:2], "--mode", "describe", "--set", "max_attempts=1")
        collect(*arguments, "--concurrency", 1, "--max-requests", 4, server=server)
    faces.rename(tmp_path / "elsewhere")
    with (out / "answers.jsonl").open("a") as file:
        file.write('{"item_id": "torn')
    outcome = collect("--status", out)
    assert outcome.code == 0
    head, _, row, *lines = outcome.out.splitlines()
    cells = dict(zip(head.split(), row.split(), strict=True))
    assert (cells["model"], cells["ok"], cells["again"], cells["left"]) == (GPT, "3", "1", "4")
    assert lines[0] == f"{out}: 7 items. No collector is at work on it."
    assert lines[2].endswith(": 503 server_error: The engine is currently overloaded, please try again later.")


def test_a_run_that_is_under_way_is_seen(tmp_path: Path) -> None:
    faces, out = draw_pictures(tmp_path / "faces", 7), tmp_path / "corpus"
    with VlmServer(latency_s=60) as server:
        collectors = Collectors(server_environment(server), tmp_path / "log")
        with collectors.running(faces, "--out", out, *MODELS):
            while server.counts.n_in_flight < 14:
                time.sleep(0.005)
            found = load_status(out)
    assert found.is_collecting
    assert {key: series.n_left for key, series in found.series.items()} == {
        (name, mode): 7 for name in (GPT, FLASH) for mode in ("describe", "classify")
    }


def test_a_folder_that_is_no_corpus_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has no items.csv; use the folder that --out of `descan collect` named"):
        load_status(tmp_path)
