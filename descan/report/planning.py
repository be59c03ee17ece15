"""The end of `descan power` in the terminal: what is assumed, how many items are enough, what more or fewer show."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console

from descan.report.analysis_tables import Row
from descan.report.printing import print_table, print_terms, print_text
from descan.report.wording import DASH, bracket, count, interval, join_words, percent
from descan.terminal import plain

_HALF_WIDTH, _DIFFERENCE, _CORRECTED = "half_width", "difference", "corrected"


def print_power(about: Mapping[str, Any], rows: Sequence[Row], console: Console) -> None:
    """Print what studies of several sizes can show.

    Args:
        about: What was assumed and how it was simulated.
        rows: The points of the curves, or what a number of items shows.
        console: Where to print. Tables become lists where it is narrow.
    """
    if about["pilot"]:
        print_text(console, f"Pilot: {_tell_pilot(about['pilot'])}")
    print_terms(console, dict(_tell_guesses(about)))
    for goal in about["guesses"]:
        for repeats in about["repeats"] if goal != _CORRECTED else (1,):
            of_goal = [row for row in rows if (row["goal"], row["repeats"]) == (goal, repeats)]
            tried = f"With {count(repeats, 'repeat')}: " if len(about["repeats"]) > 1 and goal != _CORRECTED else ""
            console.print()
            if goal in about["wishes"]:
                print_text(console, tried + _tell_smallest(goal, about, of_goal), style="bold")
                _print_curve(console, goal, of_goal)
            else:
                print_text(console, tried + _tell_shown(goal, about, of_goal), style="bold")
    n_studies = join_words([f"{n:,}" for n in sorted({row["n_studies"] for row in rows}, reverse=True)])
    print_text(console, f"\n{n_studies} simulated studies behind each number; in brackets: Monte Carlo error")


def _tell_pilot(pilot: Mapping[str, Any]) -> str:
    a, b = pilot["a"], pilot["b"]
    told = f"{plain(a['model'])} in mode {plain(a['mode'])}"
    if b is None:
        return told
    return f"{told}, compared with " + (
        f"its mode {plain(b['mode'])}" if b["model"] == a["model"] else plain(b["model"])
    )


def _tell_guesses(about: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for goal, of_goal in about["guesses"].items():
        told = [f"accuracy {percent(of_goal['accuracy'])}"]
        if goal == _CORRECTED:
            told = list(_tell_misreading(about["misreading"]))
        if goal == _DIFFERENCE:
            discordance = of_goal["discordance"]
            told.append("independent sides" if discordance is None else f"{percent(discordance)} of items discordant")
        if of_goal["group_size"] > 1:
            told.append(f"groups of {of_goal['group_size']:,} items that correlate by {of_goal['icc']:.2f}")
        if of_goal["missing"]:
            told.append(f"{percent(of_goal['missing'])} missing")
        if of_goal["repeats"] > 1:
            numbers = join_words([str(n) for n in about["repeats"]])
            told.append(f"{numbers} repeats that correlate by {of_goal['repeat_correlation']:.2f}")
        yield f"Assumed, {goal.replace('_', ' ')}:", ", ".join(told)


def _tell_misreading(misreading: Mapping[str, Any]) -> Iterator[str]:
    yield f"labels right in {percent(misreading['accuracy'])}"
    yield f"descriptions in {percent(misreading['support'])}"
    told = f"{percent(misreading['share'])} of the texts misread"
    if misreading["n_human"]:
        told += f", by {count(misreading['n_human'], 'reading')} ({plain(misreading['source'])})"
    yield told


def _tell_smallest(goal: str, about: Mapping[str, Any], rows: Sequence[Row]) -> str:
    wish = _tell_wish(goal, about["wishes"][goal], about)
    smallest = next((row for row in rows if row["is_smallest"] == "yes"), None)
    if smallest is None and goal == _CORRECTED:
        return f"{wish}: not even if a person reads all {rows[-1]['n_readings']:,}; take more items"
    if smallest is None:
        return f"{wish}: more than {rows[-1]['n_items']:,} items"
    return f"{wish}: {_tell_size(smallest)}"


def _tell_wish(goal: str, wish: float, about: Mapping[str, Any]) -> str:
    search = about["search"]
    if goal == _CORRECTED:
        level = f"{percent(search['confidence'])} intervals"
        return (
            f"Corrected verdict shares to ± {_points(wish)} points ({level}) in {percent(search['power'])} of studies"
        )
    studies = f"in {percent(search['power'])} of studies"
    if goal == _HALF_WIDTH:
        return f"Accuracy to ± {_points(wish)} points ({percent(search['confidence'])} interval) {studies}"
    tests = f", as one of {search['n_tests']} tests" if search["n_tests"] > 1 else ""
    return f"A difference of {_points(wish)} points found {studies}{tests}"


def _tell_shown(goal: str, about: Mapping[str, Any], rows: Sequence[Row]) -> str:
    if not rows:
        return f"No difference of up to 50 points is found in {percent(about['search']['power'])} of studies"
    [row] = rows
    return f"{_tell_size(row)}: {_lower(_tell_wish(goal, row['wish'], about))}"


def _print_curve(console: Console, goal: str, rows: Sequence[Row]) -> None:
    size = "readings" if goal == _CORRECTED else "items"
    has_groups = goal != _CORRECTED and any(row["n_groups"] != row["n_items"] for row in rows)
    has_widths = goal != _DIFFERENCE
    found = "narrow enough" if has_widths else "found"
    columns = [*(["groups"] if has_groups else []), found, *(["mean half width"] if has_widths else [])]
    shown = {}
    for row in rows:
        cells = [(percent(row["power"]), bracket(interval(row["power_low"], row["power_high"])))]
        if has_groups:
            cells.insert(0, (f"{row['n_groups']:,}", ""))
        if has_widths:
            cells.append((f"± {_points(row['half_width'])}", ""))
        shown[f"{row[f'n_{size}']:,}"] = [(" ".join(cell).rstrip(), "") for cell in cells]
    print_table(console, shown, columns, size)


def _tell_size(row: Row) -> str:
    items = count(row["n_items"], "item")
    told = items if row["n_groups"] == row["n_items"] else f"{items} in {count(row['n_groups'], 'group')}"
    return told if row["n_readings"] is None else f"{count(row['n_readings'], 'reading')} in a study of {told}"


def _points(share: float) -> str:
    return DASH if share != share else f"{100 * share:.3g}"


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]
