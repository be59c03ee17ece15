import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from descan.errors import InputError, WorkerError
from descan.execution import ThisProcess, local_workers
from tests.execution.processes import PATIENCE_S, await_end, is_there, start_script
from tests.execution.tasks import (
    Lines,
    die_by_exit,
    die_by_signal,
    hang_or_die,
    large,
    print_and_read,
    process_id,
    raise_odd_error,
    refuse_late_and_early,
    refuse_odd,
    scaled,
    slow_first,
    square,
    variable,
    wait_for,
)

JOBS = pytest.mark.parametrize("n_jobs", [1, 2, 3])

HANGING = """
from functools import partial
from pathlib import Path
from descan.execution import local_workers
from tests.execution.tasks import tell_and_hang

with local_workers(2) as workers:
    list(workers.map(partial(tell_and_hang, Path({folder!r})), [0, 1]))
"""

UNGUARDED = """
from descan.execution import local_workers
from tests.execution.tasks import square

with local_workers(2) as workers:
    print(list(workers.map(square, range(4))))
"""


@JOBS
def test_one_function_after_another_runs_on_the_same_workers(n_jobs: int) -> None:
    with local_workers(n_jobs) as workers:
        first = set(workers.map(process_id, range(30)))
        assert list(workers.map(square, [3, 2])) == [9, 4]
        second = set(workers.map(process_id, range(30)))
    assert len(first | second) <= n_jobs


def test_workers_are_other_processes() -> None:
    with local_workers(1) as workers:
        assert os.getpid() not in set(workers.map(process_id, [1, 2]))


def test_tasks_can_run_in_this_process() -> None:
    assert set(ThisProcess().map(process_id, [1, 2])) == {os.getpid()}
    with pytest.raises(InputError, match="5 is odd"):
        list(ThisProcess().map(refuse_odd, [2, 5]))


def test_less_than_one_job_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="n_jobs is 0; at least 1 is needed"), local_workers(0):
        pass


def test_large_results_come_whole() -> None:
    with local_workers(2) as workers:
        assert [(len(data), data[-1]) for data in workers.map(large, range(9))] == [
            (5_000_000, number) for number in range(9)
        ]


def test_a_slow_task_does_not_let_others_run_far_ahead(tmp_path: Path) -> None:
    n_read = 0
    n_read_meanwhile = []

    def tasks() -> Iterator[int]:
        nonlocal n_read
        for number in range(30):
            n_read += 1
            yield number

    def let_go() -> None:
        for number in range(1, 6):
            wait_for(tmp_path / str(number))
        n_read_meanwhile.append(n_read)
        (tmp_path / "go").touch()

    watcher = threading.Thread(target=let_go)
    watcher.start()
    with local_workers(2) as workers:
        assert list(workers.map(partial(slow_first, tmp_path), tasks())) == list(range(30))
    watcher.join()
    assert n_read_meanwhile == [6]


def test_results_not_taken_end_with_the_next_function() -> None:
    with local_workers(2) as workers:
        results = workers.map(square, range(20))
        assert next(results) == 0
        assert list(workers.map(square, [5])) == [25]
        with pytest.raises(ValueError, match="began with other tasks"):
            next(results)


def test_results_cannot_be_taken_once_the_workers_have_ended() -> None:
    with local_workers(2) as workers:
        results = workers.map(square, range(20))
        assert next(results) == 0
    with pytest.raises(ValueError, match="the workers ended"):
        next(results)
    with pytest.raises(ValueError, match="the workers ended"):
        next(workers.map(square, [1]))


def test_the_error_of_the_earliest_task_wins(tmp_path: Path) -> None:
    with local_workers(2) as workers, pytest.raises(InputError, match="1 is refused"):
        list(workers.map(partial(refuse_late_and_early, tmp_path), [0, 1, 2]))


def test_a_mistake_tells_where_in_the_worker_it_was() -> None:
    with local_workers(2) as workers, pytest.raises(AttributeError) as caught:
        list(workers.map(partial(scaled, 3), [1]))  # type: ignore[arg-type]
    assert "in scaled" in caught.value.__notes__[0]


def test_an_error_that_cannot_be_sent_is_told_by_its_words() -> None:
    with (
        local_workers(2) as workers,
        pytest.raises(WorkerError, match="OddError in a worker process: one and 2") as caught,
    ):
        list(workers.map(raise_odd_error, [2]))
    assert "in raise_odd_error" in caught.value.__notes__[0]


def test_workers_go_on_after_an_error() -> None:
    with local_workers(2) as workers:
        with pytest.raises(InputError):
            list(workers.map(refuse_odd, range(9)))
        assert list(workers.map(square, range(9))) == [number * number for number in range(9)]


def test_what_a_task_prints_goes_to_standard_error_and_it_has_nothing_to_read(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with local_workers(2) as workers:
        assert list(workers.map(print_and_read, [1, 2])) == ["1", "2"]
    assert capfd.readouterr() == ("", "printed by a task\nprinted by a task\n")


def test_libraries_compute_in_one_thread_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    with local_workers(1) as workers:
        assert (
            list(workers.map(variable, ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"])) == ["1"] * 3
        )


def test_a_worker_has_the_environment_of_its_parent_and_variables_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OF_THE_PARENT", "a")
    with local_workers(1, {"OF_THE_WORKER": "b"}) as workers:
        assert list(workers.map(variable, ["OF_THE_PARENT", "OF_THE_WORKER"])) == ["a", "b"]
    assert "OF_THE_WORKER" not in os.environ


@pytest.mark.parametrize(
    ("function", "end"),
    [
        (
            die_by_signal,
            r"\(SIGKILL\) while it worked on answers\.jsonl, lines 2001-3000; "
            "if memory was short, run again with fewer --jobs$",
        ),
        (die_by_exit, r"\(exit code 3\) while it worked on answers\.jsonl, lines 2001-3000$"),
    ],
)
def test_a_worker_that_ends_is_told_with_its_task(function: object, end: str) -> None:
    assert callable(function)
    with local_workers(2) as workers:
        with pytest.raises(WorkerError, match=f"^a worker process ended {end}"):
            list(workers.map(function, map(Lines, range(1, 9001, 1000))))
        with pytest.raises(ValueError, match="the workers ended"):
            list(workers.map(square, [1]))


def test_a_worker_that_ends_is_told_at_once_and_no_process_is_left(tmp_path: Path) -> None:
    with local_workers(2) as workers:
        with pytest.raises(WorkerError, match=r"ended .* while it worked on 1;"):
            list(workers.map(partial(hang_or_die, tmp_path), [0, 1, 2, 3, 4, 5, 6]))
        await_end(int((tmp_path / "0.pid").read_text()))
    assert not is_there(int((tmp_path / "0.pid").read_text()))


def test_no_process_is_left_where_results_are_not_all_taken() -> None:
    with local_workers(2) as workers:
        results = workers.map(process_id, range(1000))
        process_ids = {next(results) for _ in range(20)}
    assert not any(map(is_there, process_ids))


def test_ctrl_c_ends_the_workers_quietly(tmp_path: Path) -> None:
    with start_script(tmp_path / "script.py", HANGING.format(folder=str(tmp_path))) as script:
        process_ids = _hanging_workers(tmp_path)
        os.killpg(script.pid, signal.SIGINT)
        _, complaint = script.communicate(timeout=PATIENCE_S)
    assert script.returncode == -signal.SIGINT
    assert complaint.count("Traceback") == complaint.count("KeyboardInterrupt") == 1
    assert not any(map(is_there, process_ids))


def test_workers_ignore_an_interrupt_of_their_own(tmp_path: Path) -> None:
    with start_script(tmp_path / "script.py", HANGING.format(folder=str(tmp_path))) as script:
        for process in _hanging_workers(tmp_path):
            os.kill(process, signal.SIGINT)
            assert is_there(process)
        script.kill()


def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    with start_script(tmp_path / "script.py", HANGING.format(folder=str(tmp_path))) as script:
        process_ids = _hanging_workers(tmp_path)
        script.kill()
    for process in process_ids:
        await_end(process)


def test_a_script_needs_no_guard(tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text(UNGUARDED)
    assert _output([str(path)]) == "[0, 1, 4, 9]\n"


def test_neither_does_a_program_without_a_file() -> None:
    assert _output(["-c", UNGUARDED]) == "[0, 1, 4, 9]\n"
    assert _output(["-"], program=UNGUARDED) == "[0, 1, 4, 9]\n"


def _hanging_workers(folder: Path) -> list[int]:
    for number in (0, 1):
        wait_for(folder / f"{number}.pid")
    return [int((folder / f"{number}.pid").read_text()) for number in (0, 1)]


def _output(arguments: list[str], program: str | None = None) -> str:
    run = subprocess.run(
        [sys.executable, *arguments], input=program, capture_output=True, text=True, timeout=PATIENCE_S, check=True
    )
    assert run.stderr == ""
    return run.stdout
