"""What the user sees of a run: the plan, its progress, and how it ended."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from descan.collect.checking import ModelCheck
from descan.collect.questions.plan import ModelPlan, Plan
from descan.collect.result import ModelProgress
from descan.collect.status import CorpusStatus
from descan.collect.store.line_files import TornLine
from descan.collect.wording import spell_being, spell_count
from descan.records import Mode, Status
from descan.significance import worst_detectable_difference, worst_half_width
from descan.terminal import plain

_PLAIN_EVERY_S = 60.0
_UNKNOWN = "unknown"
_N_LISTED = 5
_BASES = {
    frozenset({"answers"}): "the mean of its answers here",
    frozenset({"rules"}): "rules for pictures, words and thinking",
    frozenset({"answers", "rules"}): "its answers here, and rules",
}

_UNPRICED = "its price is unknown, and --set MODEL.price_in=USD with price_out says it, for a million tokens"
_UNCOUNTED = (
    "its replies count no tokens, so what its answers cost will not be known, whatever the price; "
    "--max-cost counts each as the plan expects it."
)

_ASKED_ONCE = (
    "Asked once, a model does not show whether description and label differ because it is unsteady; --repeats 3 would."
)


class Display:
    """Shows the plan and the end on one console, and a live table on another.

    If the live console is not a terminal, it gets a plain line a minute for each model instead.
    """

    def __init__(self, console: Console, live_console: Console) -> None:
        """Set the consoles; nothing is shown yet.

        Args:
            console: For what stays.
            live_console: For what changes; standard error.
        """
        self._console, self._live_console = console, live_console
        self._is_live = live_console.is_terminal
        self._models: Sequence[ModelProgress] = ()
        self._started = 0.0
        self._stopped: set[str] = set()

    def show_plan(self, plan: Plan) -> None:
        """Show what will be done."""
        repeats = f" x {plan.n_repeats} repeats" if plan.n_repeats > 1 else ""
        n_models = len(plan.models)
        if plan.is_of_texts:
            self.say(f"Plan: {spell_count(plan.n_items, 'text')} x {spell_count(n_models, 'judge')}{repeats}")
        else:
            asked = spell_count(len(plan.prompts), "mode" if len(plan.prompts) == len(plan.modes) else "prompt")
            head = f"Plan: {spell_count(plan.n_items, 'item')} x {spell_count(n_models, 'model')} x {asked}"
            self.say(f"{head} ({', '.join(plan.prompts)}){repeats}")
        table = _make_table("model", "done", "left", "requests", "tokens in", "out", "USD")
        for model in plan.models:
            table.add_row(
                _to_text(model.name),
                f"{model.n_done:,}",
                f"{model.n_left:,}",
                f"{model.n_requests:,}",
                _span(_round_tokens(model.low.input_tokens), _round_tokens(model.high.input_tokens)),
                _span(_round_tokens(model.low.output_tokens), _round_tokens(model.high.output_tokens)),
                _span(_format_usd(model.low.cost_usd), _format_usd(model.high.cost_usd)),
            )
        self._console.print(table)
        for model in plan.models:
            for remark in _list_remarks(model):
                self.say(remark)
        if not plan.is_of_texts:
            self.say(_tell_power(plan))
        if plan.n_repeats == 1 and Mode.DESCRIBE in plan.modes and len(plan.modes) > 1:
            self.say(_ASKED_ONCE)
        if plan.spent_usd:
            self.say(f"The corpus has cost {_format_usd(plan.spent_usd)} USD so far, as far as prices are known.")

    def say(self, line: str) -> None:
        """Print one line."""
        self._console.print(_to_text(line), soft_wrap=True)

    def say_duplicates(self, pairs: Sequence[tuple[str, str]]) -> None:
        """List files with equal content."""
        for first, other in map(sorted, pairs[:_N_LISTED]):
            self.say(f"The same picture twice: {first} and {other}")
        if len(pairs) > _N_LISTED:
            self.say(f"and {spell_count(len(pairs) - _N_LISTED, 'more pair')} of files with the same content")

    def say_torn(self, torn: TornLine) -> None:
        """Report a line that a kill had cut off."""
        kept = f"; its beginning is in {torn.kept_in.name}" if torn.kept_in else ""
        self.say(f"{torn.path.name}: the last line was cut off and has been removed ({torn.n_bytes} bytes{kept})")

    def say_ending(self) -> None:
        """Say that the run is ending, and how to end it at once."""
        self._say_live("Ending: waiting for requests in flight, which are stored; press Ctrl-C again to end at once.")

    @contextmanager
    def live(self, models: Sequence[ModelProgress]) -> Iterator[None]:
        """Show the progress of the models while the block runs."""
        self._models = models
        self._started = time.monotonic()
        if not any(model.n_left for model in models):
            yield
        elif self._is_live:
            with Live(get_renderable=self._tabulate, console=self._live_console, refresh_per_second=4, transient=True):
                yield
        else:
            with self._tell_regularly():
                yield

    def update(self, progress: ModelProgress) -> None:
        """Note that the progress of one model has changed."""
        if progress.stopped and progress.name not in self._stopped:
            self._stopped.add(progress.name)
            self._say_live(f"{progress.name} is stopped: {progress.stopped}")
            progress.is_stop_told = not self._live_console.quiet

    def show_end(self, models: Sequence[ModelProgress], out: Path) -> None:
        """Show what the run has done."""
        if not any(model.n_left for model in models):
            self.say(f"Nothing is left to ask. Corpus: {out}")
            return
        has_batches = any(model.n_submitted for model in models)
        batches = ("batched",) if has_batches else ()
        table = _make_table("model", "ok", "refused", "truncated", "empty", "failed", *batches, "left", "USD")
        for model in models:
            table.add_row(
                _to_text(model.name),
                f"{model.statuses[Status.OK]:,}",
                f"{model.n_refused:,}",
                f"{model.statuses[Status.TRUNCATED]:,}",
                f"{model.statuses[Status.EMPTY]:,}",
                f"{model.statuses[Status.FAILED]:,}",
                *([f"{model.n_submitted:,}"] if has_batches else []),
                f"{model.n_missing:,}",
                _format_spent(model),
            )
        self._console.print(table)
        for model in models:
            if model.faults:
                faults = ", ".join(f"{n:,} x {code}" for code, n in model.faults.most_common(_N_LISTED))
                self.say(f"{model.name}: failed by {faults}; see failures.jsonl.")
            if model.retires_on:
                self.say(_tell_retirement(model.name, model.retires_on))
        self.say(f"Corpus: {out}")

    @contextmanager
    def _tell_regularly(self) -> Iterator[None]:
        """Print a line for each model that is still asked, also while nothing comes."""
        over = threading.Event()

        def tell() -> None:
            while not over.wait(_PLAIN_EVERY_S):
                for model in self._models:
                    if model.n_done < model.n_left and not model.stopped:
                        self._say_live(self._describe(model))

        thread = threading.Thread(target=tell, name="progress", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _tabulate(self) -> Group:
        has_retries = any(model.n_retries or model.n_waiting for model in self._models)
        retried = ("retries", "waiting") if has_retries else ()
        table = _make_table("model", "done", "failed", "refused", *retried, "per s", "USD", "left")
        for model in self._models:
            rate = self._compute_rate(model)
            table.add_row(
                _to_text(model.name),
                f"{model.n_done:,} of {model.n_left:,}",
                f"{model.statuses[Status.FAILED]:,}",
                f"{model.n_refused:,}",
                *([f"{model.n_retries:,}", f"{model.n_waiting:,}"] if has_retries else []),
                f"{rate:.1f}",
                _format_spent(model),
                "stopped" if model.stopped else _format_time_left(model, rate),
            )
        faults = [_to_text(f"{model.name}: {_tell_fault(model)}") for model in self._models if model.last_fault]
        return Group(table, *faults)

    def _describe(self, model: ModelProgress) -> str:
        rate = self._compute_rate(model)
        state = "stopped" if model.stopped else f"{_format_time_left(model, rate)} left"
        failed, refused = model.statuses[Status.FAILED], model.n_refused
        return (
            f"{model.name}: {model.n_done:,} of {model.n_left:,}, {failed:,} failed, {refused:,} refused, "
            f"{rate:.1f} a second, {_format_spent(model)} USD, {state}{_tell_waiting(model)}"
        )

    def _compute_rate(self, model: ModelProgress) -> float:
        return model.n_done / max(1e-3, time.monotonic() - self._started)

    def show_check(self, checks: Sequence[ModelCheck]) -> None:
        """Show what a small request to each model found out."""
        table = _make_table("model", "key", "name", "picture", "parameters", "usage", "price")
        for check in checks:
            found = (check.key, check.name, check.picture, check.parameters, check.usage, check.price)
            table.add_row(_to_text(check.label), *found)
        self._console.print(table)
        for check in checks:
            for told in [check.problem] if check.problem else _list_unknown_costs(check):
                self.say(f"{check.label}: {told}")
            if check.retires_on:
                self.say(_tell_retirement(check.label, check.retires_on))

    def show_status(self, status: CorpusStatus, corpus: Path) -> None:
        """Show how far a corpus is."""
        table = _make_table("model", "mode", "ok", "refused", "other", "failed", "again", "batched", "left", "USD")
        for (name, mode), series in status.series.items():
            n_ok = series.statuses[Status.OK]
            n_refused = series.statuses[Status.REFUSED] + series.statuses[Status.BLOCKED]
            counts = (n_ok, n_refused, series.statuses.total() - n_ok - n_refused, series.n_failed, series.n_retryable)
            table.add_row(
                _to_text(name),
                _to_text(mode),
                *(f"{n:,}" for n in (*counts, series.n_pending)),
                "–" if series.n_left is None else f"{series.n_left:,}",
                _format_known(series.cost_usd, series.n_unpriced, series.statuses.total(), is_priced=series.is_priced),
            )
        self._console.print(table)
        at_work = "A collector is at work on it." if status.is_collecting else "No collector is at work on it."
        self.say(f"{corpus}: {spell_count(status.n_items, 'item')}. {at_work}")
        if status.problem:
            self.say(f"What is left is not known: {status.problem}")
        if status.last_answer_at:
            self.say(f"The latest answer was asked for at {status.last_answer_at}.")
        if status.last_fault:
            self.say(f"The latest failure is of {status.last_fault_at}: {status.last_fault}")

    def _say_live(self, line: str) -> None:
        self._live_console.print(_to_text(line), soft_wrap=True)


def _tell_power(plan: Plan) -> str:
    """Say what so many items can show at worst; the items of a group may all be alike."""

    def tell(n: int, noun: str, how: str = "") -> str:
        width, difference = worst_half_width(n), worst_detectable_difference(n)
        found = f"accuracy to ± {100 * width:.0f} points and differences from {100 * difference:.0f} points"
        return f"{spell_count(n, noun)} show{'s' if n == 1 else ''}{how} {found}"

    told = tell(plan.n_items, "item", ", at worst,")
    if plan.n_groups < plan.n_items:
        told += f"; if items of a group are all alike, {tell(plan.n_groups, 'group')}"
    return f"{told}. `descan power` says more."


def _list_remarks(model: ModelPlan) -> Iterator[str]:
    yield from model.remarks
    if model.name != model.label:
        yield (
            f"{model.label} was asked in another way before (prompt or parameters): "
            f"these answers are stored separately, under {model.name}."
        )
    if model.n_copied:
        copied = spell_count(model.n_copied, "answer")
        yield f"{model.name}: {copied} to exactly the same questions copied from another name."
    if model.n_failed:
        failed = spell_count(model.n_failed, "answer")
        yield f"{model.name}: {failed} failed permanently before; --retry-failed asks again."
    if model.n_pending:
        yield f"{model.name}: {spell_being(model.n_pending, 'answer')} in batches that are not over."
    if model.n_left:
        price = "" if model.high.cost_usd is not None else f"; {_UNPRICED}"
        yield f"{model.name}: tokens are estimated by {_BASES[model.bases]}{price}."


def _list_unknown_costs(check: ModelCheck) -> Iterator[str]:
    if check.usage == "missing":
        yield _UNCOUNTED
    if check.price == "unknown":
        yield f"{_UNPRICED}."


def _tell_retirement(name: str, day: str) -> str:
    return f"{name}: its provider says that it ends on {day}."


def _tell_waiting(model: ModelProgress) -> str:
    retries = (
        f"; {spell_count(model.n_retries, 'retry', 'retries')}, {model.n_waiting:,} waiting" if model.n_retries else ""
    )
    if model.n_waiting and not model.n_retries:
        retries = f"; {model.n_waiting:,} waiting to be asked again"
    return f"{retries}; {_tell_fault(model)}" if model.last_fault else retries


def _tell_fault(model: ModelProgress) -> str:
    return f"last fault {_format_duration(time.monotonic() - model.last_fault_at)} ago: {model.last_fault}"


def _make_table(*columns: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
    for n, column in enumerate(columns):
        table.add_column(column, justify="right" if n else "left", no_wrap=n > 0, overflow="fold")
    return table


def _to_text(text: str) -> Text:
    return Text(plain(text))


def _round_tokens(n_tokens: float) -> str:
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if n_tokens >= size:
            return f"{n_tokens / size:.3g} {unit}"
    return f"{n_tokens:.0f}"


def _span(low: str, high: str) -> str:
    """Return a range, or the one figure that both ends are; a unit that both have is said once."""
    if low == high:
        return low
    figure, _, unit = low.partition(" ")
    return f"{figure}–{high}" if high.endswith(f" {unit}") else f"{low}–{high}"


def _format_usd(cost: float | None) -> str:
    return _UNKNOWN if cost is None else f"{cost:.2f}" if cost >= 1 else f"{cost:.4f}"


def _format_spent(model: ModelProgress) -> str:
    return _format_known(model.spent_usd, model.n_unpriced, model.n_done, is_priced=model.is_priced)


def _format_known(cost: float, n_unpriced: int, n_done: int, *, is_priced: bool) -> str:
    """Return the known part of a cost, with a + where there is an unknown one, too."""
    if (n_unpriced or not is_priced) and not cost:
        return _UNKNOWN
    return _format_usd(cost) + ("+" if n_unpriced and n_done > n_unpriced else "")


def _format_time_left(model: ModelProgress, rate: float) -> str:
    if not model.n_done:
        return "–"
    return _format_duration((model.n_left - model.n_done) / rate)


def _format_duration(seconds: float) -> str:
    if seconds >= 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 60:.0f} min" if seconds >= 60 else f"{seconds:.0f} s"
