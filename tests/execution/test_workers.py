"""What processes of this machine and workers of a cluster do alike."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from descan.errors import InputError
from descan.execution import Workers, cluster_workers, local_workers
from tests.execution.tasks import Setup, refuse_odd, scaled, square


@pytest.fixture(params=[1, 2, 3, pytest.param("cluster", marks=pytest.mark.slow)])
def workers(request: pytest.FixtureRequest) -> Iterator[Workers]:
    if request.param == "cluster":
        workers, n_jobs = cluster_workers(request.getfixturevalue("cluster").address), 2
    else:
        workers, n_jobs = local_workers(request.param), request.param
    with workers as entered:
        assert entered.n_jobs == n_jobs
        yield entered


def test_results_come_in_the_order_of_the_tasks(workers: Workers) -> None:
    assert list(workers.map(square, range(100))) == [number * number for number in range(100)]


def test_no_task_gives_no_result(workers: Workers) -> None:
    assert list(workers.map(square, [])) == []


def test_what_tasks_share_is_sent_once_to_each_worker(workers: Workers, tmp_path: Path) -> None:
    function = partial(scaled, Setup(tmp_path / "arrived", 3))
    assert list(workers.map(function, range(40))) == list(range(0, 120, 3))
    arrived = (tmp_path / "arrived").read_text().split()
    assert len(arrived) == len(set(arrived)) <= workers.n_jobs


def test_tasks_are_read_no_further_than_results_are_taken(workers: Workers) -> None:
    n_read = 0

    def tasks() -> Iterator[int]:
        nonlocal n_read
        while True:
            n_read += 1
            yield n_read

    results = workers.map(square, tasks())
    assert [next(results) for _ in range(10)] == [number * number for number in range(1, 11)]
    assert n_read <= 10 + 3 * workers.n_jobs


def test_an_error_comes_as_it_is_where_its_result_would_stand(workers: Workers) -> None:
    results = workers.map(refuse_odd, [0, 2, 4, 5, 6, 7])
    assert [next(results) for _ in range(3)] == [0, 2, 4]
    with pytest.raises(InputError, match=r"^answers\.jsonl:5: 5 is odd$") as caught:
        next(results)
    assert (caught.value.path, caught.value.line) == (Path("answers.jsonl"), 5)
    assert list(workers.map(square, [3])) == [9]


def test_an_error_of_the_tasks_comes_after_the_results_before_it(workers: Workers) -> None:
    def tasks() -> Iterator[int]:
        yield 2
        yield 3
        raise InputError("answers.jsonl", "is no file")

    results = workers.map(square, tasks())
    assert [next(results), next(results)] == [4, 9]
    with pytest.raises(InputError, match=r"answers\.jsonl: is no file"):
        next(results)
