"""A progress bar for work that lasts; short work shows none."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

PATIENCE_S = 2.0
"""Work that ends sooner shows no bar."""


@contextmanager
def progress_bar(console: Console, title: str, total: int) -> Iterator[Callable[[int], None]]:
    """Give a function that is told how much of `total` is done; the bar appears after `PATIENCE_S`."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=console, transient=True)
    task = progress.add_task(title, total=total)
    begun = time.monotonic()
    is_shown = False

    def advance(done: int) -> None:
        nonlocal is_shown
        if not is_shown and time.monotonic() - begun > PATIENCE_S:
            is_shown = True
            progress.start()
        progress.update(task, completed=done)

    try:
        yield advance
    finally:
        if is_shown:
            progress.stop()
