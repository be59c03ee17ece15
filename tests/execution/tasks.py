"""Functions that workers import; the module imports nothing heavy."""

import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, NoReturn

from descan.errors import InputError

_BUSY: list[int] = []


class Lines(NamedTuple):
    """A stretch of a file that does not exist."""

    first: int

    def __str__(self) -> str:
        return f"answers.jsonl, lines {self.first}-{self.first + 999}"


@dataclass(frozen=True, slots=True)
class Setup:
    """What all tasks share; says in a file how often it is unpickled."""

    path: Path
    factor: int

    def __reduce__(self) -> tuple[object, ...]:
        return _arrived, (self.path, self.factor)


def _arrived(path: Path, factor: int) -> Setup:
    with path.open("a") as file:
        file.write(f"{os.getpid()}\n")
    return Setup(path, factor)


class OddError(Exception):
    """Breaks where it is unpickled, as exceptions with an `__init__` of their own do."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} and {second}")


def square(number: int) -> int:
    return number * number


def process_id(number: int) -> int:  # noqa: ARG001 (only where it ran is asked)
    return os.getpid()


def scaled(setup: Setup, number: int) -> int:
    return setup.factor * number


def byte_at(data: bytes, place: int) -> int:
    return data[place]


def refuse_odd(number: int) -> int:
    if number % 2:
        raise InputError(Path("answers.jsonl"), f"{number} is odd", number)
    return number


def refuse_late_and_early(folder: Path, number: int) -> int:
    """Task 1 fails only once task 2 has failed."""
    if number == 1:
        wait_for(folder / "2")
    if number:
        (folder / str(number)).touch()
        raise InputError(None, f"{number} is refused")
    return number


def slow_first(folder: Path, number: int) -> int:
    """Task 0 ends only when it is told to."""
    if number == 0:
        wait_for(folder / "go")
    else:
        (folder / str(number)).touch()
    return number


def raise_odd_error(number: int) -> NoReturn:
    raise OddError("one", str(number))


def print_and_read(number: int) -> str:
    print("printed by a task", flush=True)
    return sys.stdin.read() + str(number)


def large(number: int) -> bytes:
    return bytes([number]) * 5_000_000


def count_busy(number: int) -> int:  # noqa: ARG001
    """Return how many tasks are in this function in this process."""
    _BUSY.append(0)
    time.sleep(0.01)
    n_busy = len(_BUSY)
    _BUSY.pop()
    return n_busy


def variable(name: str) -> str | None:
    return os.environ.get(name)


def die_by_signal(lines: Lines) -> int:
    if lines.first == 2001:
        os.kill(os.getpid(), signal.SIGKILL)
    return lines.first


def die_by_exit(lines: Lines) -> int:
    if lines.first == 2001:
        os._exit(3)
    return lines.first


def die_once(folder: Path, number: int) -> int:
    """The first process that gets task 5 ends with it."""
    if number == 5:
        try:
            (folder / "died").touch(exist_ok=False)
        except FileExistsError:
            return number
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def tell_and_hang(folder: Path, number: int) -> NoReturn:
    (folder / f"{number}.part").write_text(str(os.getpid()))
    (folder / f"{number}.part").rename(folder / f"{number}.pid")
    while True:
        time.sleep(60)


def hang_or_die(folder: Path, number: int) -> None:
    """Task 0 never ends; task 1 ends its process once task 0 is under way in another."""
    if number == 0:
        tell_and_hang(folder, number)
    wait_for(folder / "0.pid")
    os.kill(os.getpid(), signal.SIGKILL)


def wait_for(path: Path) -> None:
    """Wait until another process has written a file; the run of tests ends what waits too long."""
    while not path.exists():
        time.sleep(0.005)
