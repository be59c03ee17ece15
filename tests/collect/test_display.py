"""What a person sees of a run."""

import io
from collections import Counter
from pathlib import Path

import pytest
from rich.console import Console

from descan.collect import display
from descan.collect.display import Display
from descan.collect.providers.protocol import CallError, FaultScope
from descan.collect.questions.estimates import Use
from descan.collect.questions.plan import ModelPlan, Plan
from descan.collect.result import ModelProgress
from descan.records import Mode, Status

NAME = "evil\x1b[2J[red]"
SHOWN = "evil\\x1b[2J[red]"


def consoles(*, is_terminal: bool) -> tuple[Console, Console]:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=is_terminal, width=100)
    return console, Console(file=io.StringIO(), force_terminal=is_terminal, width=100)


def printed(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def progress(n_done: int = 30, **changed: object) -> ModelProgress:
    statuses = Counter({Status.OK: n_done - 4, Status.REFUSED: 2, Status.BLOCKED: 1, Status.FAILED: 1})
    model = ModelProgress(NAME, 100, statuses, spent_usd=0.5)
    for name, value in changed.items():
        setattr(model, name, value)
    return model


def test_without_a_terminal_a_plain_line_comes_even_while_nothing_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "_PLAIN_EVERY_S", 0.01)
    console, live_console = consoles(is_terminal=False)
    shown = Display(console, live_console)
    model = progress()
    with shown.live([model]):
        while not printed(live_console).endswith("\n"):
            pass
        model.stopped = "401 invalid_api_key: wrong\nkey\x9b"
        shown.update(model)
    first, *_, stop = printed(live_console).splitlines()
    assert first.startswith(f"{SHOWN}: 30 of 100, 1 failed, 3 refused, ")
    assert first.endswith(" left")
    assert stop == f"{SHOWN} is stopped: 401 invalid_api_key: wrong\\x0akey\\x9b"


def test_an_outage_shows_in_the_line_and_in_the_table() -> None:
    model = progress(n_retries=1, n_waiting=16)
    model.note_fault(CallError(FaultScope.ATTEMPT, "503", "503 server_error: over\x1bloaded"))
    told = "last fault 0 s ago: 503 server_error: over\\x1bloaded"
    console, live_console = consoles(is_terminal=True)
    with Display(console, live_console).live([model]):
        pass
    assert [word for word in ("retries", "waiting", "16", told) if word not in printed(live_console)] == []
    assert (
        Display(console, live_console)
        ._describe(model)
        .endswith(" left; 1 retry, 16 waiting; last fault 0 s ago: 503 server_error: over\x1bloaded")
    )


def test_on_a_terminal_a_table_is_kept_up_to_date() -> None:
    console, live_console = consoles(is_terminal=True)
    with Display(console, live_console).live([progress()]):
        pass
    shown = printed(live_console)
    assert SHOWN in shown
    assert [word for word in ("done", "failed", "refused", "per s", "USD", "left") if word not in shown] == []


def test_the_end_names_every_status_and_the_faults() -> None:
    console, live_console = consoles(is_terminal=False)
    model = progress(faults=Counter({"timeout": 1}), n_unpriced=1, n_retryable=1)
    Display(console, live_console).show_end([model], Path("corpus"))
    # 26 ok, 3 refused or blocked, 1 failed and to be asked again beside the 70 that are left; the sum lacks one price.
    rows = [line.split() for line in printed(console).splitlines()]
    assert [SHOWN, "26", "3", "0", "0", "1", "71", "0.5000+"] in rows
    assert f"{SHOWN}: failed by 1 x timeout; see failures.jsonl." in printed(console)


@pytest.mark.parametrize(
    ("changed", "remark"),
    [
        ({"label": "other"}, "other was asked in another way before (prompt or parameters): these answers are stored"),
        ({"n_copied": 3}, f"{SHOWN}: 3 answers to exactly the same questions copied from another name."),
        ({"n_failed": 2}, f"{SHOWN}: 2 answers failed permanently before; --retry-failed asks again."),
        ({"n_pending": 4}, f"{SHOWN}: 4 answers are in batches that are not over."),
        (
            {"high": Use(0, 0, None)},
            f"{SHOWN}: tokens are estimated by rules for pictures, words and thinking; its price is unknown, and --set "
            "MODEL.price_in=USD with price_out says it, for a million tokens.",
        ),
        ({"remarks": ("it ends on 2027-01-14",)}, "it ends on 2027-01-14\n"),
        ({"n_left": 0}, ""),
    ],
)
def test_the_plan_says_what_is_special(changed: dict[str, object], remark: str) -> None:
    console, live_console = consoles(is_terminal=False)
    values: dict[str, object] = {
        "name": NAME,
        "label": NAME,
        "n_answers": 10,
        "n_copied": 0,
        "n_failed": 0,
        "n_pending": 0,
        "n_left": 5,
        "n_requests": 1234,
        "low": Use(2_340_000.0, 999.4, 12.345),
        "high": Use(2_540_000.0, 1200.0, 20.0),
        "bases": frozenset({"rules"}),
        "estimates": {},
    }
    model = ModelPlan(**{**values, **changed})  # type: ignore[arg-type]
    Display(console, live_console).show_plan(Plan(10, 10, (Mode.DESCRIBE,), 1, (model,), 0.0))
    shown = printed(console)
    assert shown.startswith("Plan: 10 items x 1 model x 1 mode (describe)\n")
    row = next(line.split() for line in shown.splitlines() if "1,234" in line)
    assert changed.get("high") or row[3:] == ["1,234", "2.34–2.54", "M", "999–1.2", "k", "12.35–20.00"]
    assert remark in shown
    if not remark:
        assert len(shown.splitlines()) == 5


def test_the_plan_says_what_so_many_items_can_show() -> None:
    console, live_console = consoles(is_terminal=False)
    Display(console, live_console).show_plan(Plan(600, 60, (Mode.DESCRIBE,), 1, (), 0.0))
    # Wilson at one half: 1.96 / (2 sqrt(600 + 3.84)) = 0.0399. A difference: 2.80 sqrt(0.5 / (600 + 7.85)) = 0.0804.
    assert printed(console).splitlines()[-1] == (
        "600 items show, at worst, accuracy to ± 4 points and differences from 8 points; if items of a group are all "
        "alike, 60 groups show accuracy to ± 12 points and differences from 24 points. `descan power` says more."
    )


def test_both_tables_fit_eighty_columns() -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=80)
    name = "gpt-4o-2024-11-20"
    model = ModelProgress(name, 46_000, Counter({Status.OK: 1028, Status.FAILED: 3}), n_unpriced=1028)
    shown = Display(console, console)
    with shown.live([model]):
        pass
    shown.show_end([model], Path("corpus"))
    assert stream.getvalue().count(name) == 2


def test_what_went_into_batches_is_a_column_of_its_own() -> None:
    console, live_console = consoles(is_terminal=False)
    Display(console, live_console).show_end([ModelProgress("m", 8, n_submitted=5)], Path("corpus"))
    head, _, row, *_ = (line.split() for line in printed(console).splitlines())
    assert dict(zip(head, row, strict=True))["batched"] == "5"
    assert dict(zip(head, row, strict=True))["left"] == "3"
