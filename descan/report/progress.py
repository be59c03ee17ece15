"""A progress bar for long work; short work shows none."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

PATIENCE_S = 2.0
"""Work that ends sooner shows no bar."""


@contextmanager
def progress_bar(console: Console, title: str, *, then: str) -> Iterator[Callable[[int, int], None]]:
    """Yield a function that takes how much is done and how much there is; the bar appears after `PATIENCE_S`.

    Args:
        console: Where to show the bar; nothing is shown if it is not a terminal.
        title: What is being done.
        then: What is being done after that, until the block ends.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    task = progress.add_task(title, total=None)

    def advance(done: int, total: int) -> None:
        if done < total:
            progress.update(task, completed=done, total=total)
        else:
            progress.update(task, description=then, completed=total, total=total)

    patience = Timer(PATIENCE_S, progress.start)
    patience.daemon = True
    patience.start()
    try:
        yield advance
    finally:
        patience.cancel()
        progress.stop()
