"""A progress bar for work that lasts; short work shows none."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

PATIENCE_S = 2.0
"""Work that ends sooner shows no bar."""


@contextmanager
def progress_bar(console: Console, title: str, total: int, *, then: str) -> Iterator[Callable[[int], None]]:
    """Give a function that is told how much of `total` is done; the bar appears after `PATIENCE_S`.

    Args:
        console: Where to show it; nothing is shown where that is no terminal.
        title: What is being done.
        total: When it is done.
        then: What is being done after that, for as long as the block goes on.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    task = progress.add_task(title, total=total)

    def advance(done: int) -> None:
        if done < total:
            progress.update(task, completed=done)
        else:
            progress.update(task, description=then, completed=total)

    patience = Timer(PATIENCE_S, progress.start)
    patience.daemon = True
    patience.start()
    try:
        yield advance
    finally:
        patience.cancel()
        progress.stop()
