"""What `descan import` prints: what logs hold, what was taken, and what was not."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from descan.records import Mode, Status
from descan.report.printing import print_text
from descan.report.wording import count, join_counts, join_some
from descan.terminal import plain

if TYPE_CHECKING:
    from rich.console import Console

    from descan.corpus.importing import GatheredLogs, ImportResult
    from descan.corpus.importing.log_rows import Remark

_N_MODELS = 8
_N_PROMPTS = 8
_N_CHARACTERS = 64


def print_survey(gathered: "GatheredLogs", console: "Console") -> None:
    """Print what logs hold, where nothing is imported."""
    _print_logs(gathered, console)
    known = {mode: prompts for mode, prompts in gathered.prompts.items() if mode is not None}
    for mode, prompts in known.items():
        print_text(console, f"Prompts of {mode}:" if any(prompts) else f"Asked for: {mode}")
        _print_prompts(prompts, console)
    if unknown := gathered.prompts.get(None):
        print_text(console, "Prompts of unknown mode; say with --mode or --prompt-contains what they ask for:")
        _print_prompts(unknown, console)
    _print_remarks(gathered, console)
    print_text(console, "Nothing is imported; --out CORPUS names the folder to import into")


def print_import(result: "ImportResult", out: Path, console: "Console") -> None:
    """Print what an import has done."""
    _print_logs(result.gathered, console)
    _print_remarks(result.gathered, console)
    if result.n_there:
        which = "All answers are" if not result.n_added else f"{count(result.n_there, 'answer')} {_be(result.n_there)}"
        print_text(console, f"{which} in the corpus already; nothing is added twice")
    if result.n_differing:
        print_text(
            console,
            f"{count(result.n_differing, 'answer')} left out: the corpus has another one of the same item, model, mode "
            f"and repeat (first: item {plain(result.first_differing)}); --first-repeat N adds them as repeats",
        )
    print_text(
        console,
        f"Added: {count(result.n_added, 'answer')} to {plain(str(out))}, which has {count(result.n_items, 'item')} now "
        f"({result.n_gold:,} with gold)",
    )
    print_text(console, f"Next: descan analyze {plain(str(out))} --out RESULTS")


def import_record(gathered: "GatheredLogs", added: "ImportResult | None", out: Path | None) -> dict[str, Any]:
    """Return what an import has done as plain values, ready for JSON.

    Args:
        gathered: What the logs hold.
        added: What became of it; None if nothing is imported.
        out: The folder of the corpus, if there is one.
    """
    remarks = gathered.remarks
    items = gathered.corpus.items
    return {
        "folder": None if out is None else str(out),
        "format": gathered.logs.log_format.name,
        "logs": [str(path) for path in gathered.logs.paths],
        "items": {"all": len(items), "gold": sum(item.gold is not None for item in items.values())},
        "models": dict(gathered.models),
        "answers": [{"mode": mode, "status": status, "n": n} for (mode, status), n in gathered.counts.items()],
        "prompts": [
            {"mode": mode, "prompt": prompt, "n": n}
            for mode, prompts in gathered.prompts.items()
            for prompt, n in prompts.items()
        ],
        "not_taken": {reason: asdict(remark) for reason, remark in remarks.losses.items()},
        "with_care": {warning: asdict(remark) for warning, remark in remarks.warnings.items()},
        "hints": list(gathered.hints),
        "added": None
        if added is None
        else {
            "answers": added.n_added,
            "already_there": added.n_there,
            "differing": added.n_differing,
            "items": added.n_items,
            "items_with_gold": added.n_gold,
        },
    }


def _print_logs(gathered: "GatheredLogs", console: "Console") -> None:
    logs = gathered.logs
    names = join_some([plain(path.name) for path in logs.paths], 3, separator=", ")
    others = f"; {count(logs.n_others, 'other file')} not read" if logs.n_others else ""
    print_text(console, f"{names}: taken for {logs.log_format.title}{others}")
    items = gathered.corpus.items
    n_gold = sum(item.gold is not None for item in items.values())
    models = join_some([plain(name) for name in gathered.models], _N_MODELS, separator=", ")
    parts = [f"{count(len(items), 'item')} ({n_gold:,} with gold)"]
    if gathered.models:
        parts.append(f"{count(len(gathered.models), 'model')} ({models})")
    if not gathered.counts and (unknown := gathered.prompts.get(None)):
        parts.append(f"{count(sum(unknown.values()), 'answer')} of unknown mode")
    print_text(console, ", ".join([*parts, *_describe_counts(gathered.counts)]))
    if gathered.n_media or gathered.n_missing_media:
        missing = f", {gathered.n_missing_media:,} of them not there" if gathered.n_missing_media else ""
        print_text(console, f"Media: {gathered.n_media + gathered.n_missing_media:,} named{missing}")


def _describe_counts(counts: Mapping[tuple[Mode, Status], int]) -> Iterator[str]:
    by_mode: dict[Mode, Counter[str]] = {}
    for (mode, status), n in counts.items():
        by_mode.setdefault(mode, Counter())[status] += n
    for mode in Mode:
        if statuses := by_mode.get(mode):
            others = {str(status): statuses[status] for status in Status if status != Status.OK and statuses[status]}
            shown = f" ({join_counts(others)})" if others else ""
            yield f"{count(sum(statuses.values()), f'{mode} answer')}{shown}"


def _print_prompts(prompts: Mapping[str, int], console: "Console") -> None:
    most = sorted(prompts.items(), key=lambda pair: -pair[1])
    for prompt, n in most[:_N_PROMPTS]:
        line = " ".join(prompt.split())
        shown = line[:_N_CHARACTERS] + "..." * (len(line) > _N_CHARACTERS) if line else "(not in the log)"
        print_text(console, f"  {n:>7,}  {plain(shown)}")
    if len(most) > _N_PROMPTS:
        print_text(console, f"  and {len(most) - _N_PROMPTS:,} others")


def _print_remarks(gathered: "GatheredLogs", console: "Console") -> None:
    for text, remark in gathered.remarks.losses.items():
        print_text(console, f"Not taken: {_describe(text, remark)}")
    for text, remark in gathered.remarks.warnings.items():
        print_text(console, f"With care: {_describe(text, remark)}")
    for hint in gathered.hints:
        print_text(console, f"Perhaps: {plain(hint)}")


def _describe(text: str, remark: "Remark") -> str:
    return f"{remark.n:,} x {plain(text)} (first: {plain(remark.first)})"


def _be(n: int) -> str:
    return "is" if n == 1 else "are"
