"""`descan lexicon show`: the entries of a word."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from descan.lexicon import Known
from descan.terminal import plain

_N_WITHIN = 10

_HOW_TO_ADD = (
    "To add it, put a row for an emotion into emotions.csv, or the word for what a face does into actions.yaml, in a "
    "folder of your own, and name the folder with --lexicon DIR; descan docs own-words shows how."
)


def print_entries(word: str, exact: Sequence[Known], within: Sequence[Known], console: Console) -> None:
    """Print the entries that are a word, and the first of those of which it is a part, one a line.

    Args:
        word: As it was asked for.
        exact: The entries that are the word.
        within: The entries of longer phrases.
        console: Where to print.
    """
    if exact:
        _print(exact, console)
    else:
        console.print(Text(f"The lexicon has no entry {plain(word)!r}."))
    if within:
        console.print(Text(f"\nWithin longer phrases ({len(within)}):", style="dim"))
        _print(within[:_N_WITHIN], console)
        if len(within) > _N_WITHIN:
            console.print(Text(f"and {len(within) - _N_WITHIN} more: --json prints all", style="dim"))
    if not exact:
        console.print(Text(f"\n{_HOW_TO_ADD}", style="dim"))


def _print(entries: Iterable[Known], console: Console) -> None:
    for entry in entries:
        line = Text(plain(f"{entry.file}:{entry.line}"), style="dim")
        line.append(f"  {plain(entry.phrase)}", style="not dim bold")
        line.append(f"  {plain(entry.place)}", style="not dim")
        if entry.meaning:
            line.append(f": {plain(entry.meaning)}", style="not dim")
        if entry.is_own or entry.change:
            line.append(f"  [{plain(entry.change or 'your own')}]", style="not dim italic")
        console.print(line, soft_wrap=True)
