"""`descan collect --status`: how far a corpus is, also while it is collected."""

import time
from pathlib import Path

import pytest

from descan.collect.status import load_status
from descan.errors import InputError
from descan.records import Status
from tests.collect.collectors import LISTED, MODELS, Collectors, draw_pictures, server_environment
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


def test_what_an_earlier_version_left_is_told_without_what_is_left(collect: Collect, tmp_path: Path) -> None:
    faces, out = draw_pictures(tmp_path / "faces", 7), tmp_path / "corpus"
    arguments = (faces, "--out", out, *MODELS[:2], *LISTED, "--mode", "describe", "--limit", 3)
    with VlmServer() as server:
        assert collect(*arguments, server=server).code == 0
        (out / ".run_items.json").unlink()
        head, _, row, *lines = collect("--status", out).out.splitlines()
        cells = dict(zip(head.split(), row.split(), strict=True))
        assert (cells["ok"], cells["left"]) == ("3", "–")
        assert lines[1] == (
            f"What is left is not known: {out}: its runs left no list of their items, as earlier versions of descan "
            f"did not; the rest of the table holds, and `descan collect --resume --out {out}` stores the list"
        )
        assert collect("--resume", "--out", out, server=server).code == 0
    assert load_status(out).series[GPT, "describe"].n_left == 0


def test_what_nothing_was_spent_on_at_an_unknown_price_is_unknown(collect: Collect, tmp_path: Path) -> None:
    faces, out = draw_pictures(tmp_path / "faces", 2), tmp_path / "corpus"
    with VlmServer(Script(faults=(FaultRule("401"),))) as server:
        outcome = collect(faces, "--out", out, "--model", "openai:qwen3-vl", "--mode", "describe", server=server)
        assert (outcome.code, outcome.out.splitlines()[-2].split()[-1]) == (1, "unknown")
        row = next(line for line in collect("--status", out, server=server).out.splitlines() if "qwen3-vl" in line)
    assert row.split()[-1] == "unknown"


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


def test_only_items_count_that_the_latest_run_asks_about(collect: Collect, tmp_path: Path) -> None:
    faces, out = draw_pictures(tmp_path / "faces", 14), tmp_path / "corpus"
    arguments = (faces, "--out", out, *MODELS[:2], "--mode", "describe")
    with VlmServer() as server:
        collect(*arguments, "--limit", 9, "--max-requests", 8, server=server)
        assert load_status(out).series[GPT, "describe"].n_left == 1
        # Another seed draws others, of which some were answered before.
        assert collect(*arguments, "--limit", 5, "--seed", 1, server=server).code == 0
        assert load_status(out).series[GPT, "describe"].n_left == 0
        assert collect(*arguments, "--leave-out", "happy", server=server).code == 0
        assert load_status(out).series[GPT, "describe"].n_left == 0
        collect(*arguments, "--mode", "classify", "--repeats", 2, "--max-requests", 3, server=server)
    found = load_status(out)
    # 14 items, twice in each mode, of which 13 had been described and 3 more answers came.
    assert (found.n_items, sum(series.n_left or 0 for series in found.series.values())) == (14, 56 - 13 - 3)


@pytest.mark.parametrize("content", [b"", b'["a", ', b"7", b"\xff", b'[{"item": 1}]'])
def test_a_damaged_list_of_items_is_told_and_hides_no_answer(collect: Collect, tmp_path: Path, content: bytes) -> None:
    faces, out = draw_pictures(tmp_path / "faces", 7), tmp_path / "corpus"
    with VlmServer() as server:
        assert collect(faces, "--out", out, *MODELS[:2], "--mode", "describe", server=server).code == 0
    (out / ".run_items.json").write_bytes(content)
    found = load_status(out)
    assert found.problem == f"{out / '.run_items.json'}: is no list of items; the next run writes it anew"
    assert found.series[GPT, "describe"].statuses.total() == 7


def test_the_series_is_current_that_the_latest_run_asks_for(collect: Collect, tmp_path: Path) -> None:
    faces, out = draw_pictures(tmp_path / "faces", 7), tmp_path / "corpus"
    arguments = (faces, "--out", out, *MODELS[:2], "--mode", "describe")
    words = tmp_path / "words.md"
    words.write_text("Describe the face.")
    with VlmServer() as server:
        assert collect(*arguments, server=server).code == 0
        collect(*arguments, "--set", "temperature=0", "--max-requests", 3, server=server)
        (other,) = {name for name, _ in load_status(out).series} - {GPT}
        assert load_status(out).series[other, "describe"].n_left == 4
        assert load_status(out).series[GPT, "describe"].n_left is None
        collect(*arguments, server=server)
        assert load_status(out).series[GPT, "describe"].n_left == 0
        assert load_status(out).series[other, "describe"].n_left is None
        # A prompt makes a series, too; where its file is gone, that is said.
        collect(*arguments, "--prompt", f"describe={words}", "--max-requests", 2, server=server)
    assert [series.n_left for series in load_status(out).series.values()] == [None, None, 5]
    words.unlink()
    told = collect("--status", out)
    assert (told.code, len(told.out.splitlines())) == (0, 8)
    assert f"What is left is not known: {words}" in told.out


def test_a_cost_that_is_unknown_is_not_shown_as_nothing(collect: Collect, tmp_path: Path) -> None:
    faces, out = draw_pictures(tmp_path / "faces", 7), tmp_path / "corpus"
    arguments = (faces, "--out", out, *MODELS[:2], "--mode", "describe")
    with VlmServer() as server:
        collect(*arguments, "--max-requests", 4, server=server)
        assert collect("--status", out).out.splitlines()[2].split()[-1] == "unknown"
        collect(*arguments, *LISTED, server=server)
    assert collect("--status", out).out.splitlines()[2].endswith("+")


def test_a_folder_that_is_no_corpus_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has no items.csv; use the folder that --out of `descan collect` named"):
        load_status(tmp_path)
