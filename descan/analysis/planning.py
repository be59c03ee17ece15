"""How large a study must be, before it is made."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from descan.compare import CompareOptions, Support
from descan.compare.power import (
    MAX_REPEATS,
    Goal,
    Guesses,
    Measured,
    Misreading,
    Pilot,
    PowerCurve,
    PowerPoint,
    Search,
    detect,
    find_items,
    find_readings,
    narrow,
    narrow_readings,
    read_misreading,
    read_pilot,
    state_misreading,
)
from descan.corpus.readings import choices_of
from descan.errors import InputError, OptionError, check_number, quote
from descan.lexicon import load_category_set, run_category_set
from descan.records import Mode
from descan.report.analysis_tables import load_run
from descan.report.plots import CHART_SUFFIXES, write_chart
from descan.storage.atomic import replace_file, write_file
from descan.storage.output import check_analysis
from descan.storage.publishing import RUN_FILE
from descan.storage.safe_csv import write_csv

if TYPE_CHECKING:
    import pandas as pd

    from descan.report.charts import Figure

DEFAULT_HALF_WIDTH, DEFAULT_DIFFERENCE = 0.05, 0.1
"""What is wished where nothing is: an interval of accuracy of ± 5 points, and a difference of 10 points."""

POWER_COLUMNS = (*(field.name for field in fields(PowerPoint)), "is_smallest")

MAX_REPEATS_TRIED = 5
"""Numbers of repeats that are tried side by side; a chart has a line for each."""

_N_STEPS = 12
"""Numbers of items or readings that a search simulates, about."""


@dataclass(frozen=True, slots=True)
class Power:
    """What studies of several sizes can show.

    Attributes:
        pilot: What the pilot study says; None without one.
        guesses: Goal -> what is assumed for it, with the first number of repeats.
        misreading: What is assumed of texts and of descan's errors; None if no human readings are planned.
        search: How studies are simulated.
        curves: Goal -> number of repeats -> what smaller and larger studies reach, and the smallest that reaches the
            wish.
        shown: Goal -> number of repeats -> what studies of the size that was asked for show; None where they find no
            difference.
    """

    pilot: Pilot | None
    guesses: Mapping[Goal, Guesses]
    misreading: Misreading | None
    search: Search
    curves: Mapping[Goal, Mapping[int, PowerCurve]]
    shown: Mapping[Goal, Mapping[int, PowerPoint | None]]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The points of all curves, a row each; `is_smallest` is yes for the smallest study that is enough."""
        curves = [curve for of_goal in self.curves.values() for curve in of_goal.values()]
        marked = [(point, point == curve.smallest) for curve in curves for point in curve.points]
        marked += [(point, False) for of_goal in self.shown.values() for point in of_goal.values() if point is not None]
        return [asdict(point) | {"is_smallest": "yes" if is_smallest else "no"} for point, is_smallest in marked]

    @property
    def table(self) -> "pd.DataFrame":
        """The same as a frame."""
        import pandas as pd

        return pd.DataFrame(self.rows)

    @property
    def about(self) -> dict[str, Any]:
        """What was assumed and how it was simulated, as values of JSON."""
        pilot, assumed = self.pilot, self.misreading
        return {
            "pilot": pilot and {"a": pilot.a._asdict(), "b": pilot.b and pilot.b._asdict()},
            "guesses": {str(goal): asdict(guesses) for goal, guesses in self.guesses.items()},
            "misreading": assumed
            and {name: getattr(assumed, name) for name in ("share", "accuracy", "support", "source", "n_human")},
            "repeats": sorted({n for of_goal in (*self.curves.values(), *self.shown.values()) for n in of_goal}),
            "wishes": {
                str(goal): curve.points[0].wish for goal, of_goal in self.curves.items() for curve in of_goal.values()
            },
            "search": asdict(self.search),
        }

    @property
    def record(self) -> dict[str, Any]:
        """All of it as values of JSON: `about`, and the rows as `points`; undefined numbers are None."""
        points = [{name: None if value != value else value for name, value in row.items()} for row in self.rows]
        return self.about | {"points": points}

    @property
    def figure(self) -> "Figure":
        """The curves as a chart; its `reason` says why there is none where a size was asked for."""
        from descan.report.charts.power import draw_power

        return draw_power(self.about, self.rows)


def power(
    pilot: Path | str | None = None,
    *,
    model: str | None = None,
    other_model: str | None = None,
    mode: Mode | str | None = None,
    half_width: float | None = None,
    difference: float | None = None,
    corrected: float | None = None,
    n_items: int | None = None,
    n_readings: int | None = None,
    accuracy: float | None = None,
    discordance: float | None = None,
    group_size: int | None = None,
    icc: float | None = None,
    missing: float | None = None,
    misreading: float | None = None,
    repeats: int | Sequence[int] | None = None,
    repeat_correlation: float | None = None,
    power: float = 0.8,
    confidence: float = 0.95,
    n_tests: int = 1,
    n_studies: int = 500,
    seed: int = 0,
    out: Path | str | None = None,
    chart: Path | str | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Power:
    """Say how many items a study needs, or what a number of items can show, by simulated studies.

    The studies go through the interval and the test of an analysis. What is assumed comes from a pilot study, from the
    arguments, or from both: an argument takes precedence.

    Args:
        pilot: The folder of an analysis.
        model: A model of the pilot; None for the one whose accuracy is nearest to one half.
        other_model: The model that it is compared with; None to compare its descriptions with its labels.
        mode: The mode of the answers; None for that of the label.
        half_width: Half the width that the interval of accuracy is to have, at most.
        difference: The difference of two accuracies that is to be found.
        corrected: Half the width that the interval of every verdict share is to have, at most, after it is corrected
            for misreading; then the number of descriptions that a person must read is looked for.
        n_items: Number of items; then the half width and the difference that they show are looked for. With
            `corrected`, the items of the study; by default those of the pilot. Without any of these, the wishes are a
            half width of 0.05 and a difference of 0.1.
        n_readings: Number of descriptions that a person reads; then the half width of the corrected shares that they
            give is looked for.
        accuracy: Share of answers that are right; 0.5, where most items are needed, if nothing is known.
        discordance: Share of items that only one of the two sides has right; as if independent if nothing is known.
        group_size: Items in a group; 1 if nothing is known.
        icc: Correlation of two items of a group, in being right.
        missing: Share of answers without a category; 0 if nothing is known.
        misreading: Share of the descriptions that descan reads otherwise than a person; of a pilot, that of its human
            readings, or of those that descan ships, if None.
        repeats: How often each question is asked; several numbers are tried side by side.
        repeat_correlation: Correlation of two repeats of an item, in being right.
        power: Share of the studies that are to reach the wish.
        confidence: Confidence level of the intervals.
        n_tests: Tests in the family of the difference, with it; more tests need more items.
        n_studies: Simulated studies behind each number.
        seed: Seed of the random numbers; the same seed gives the same numbers.
        out: A .csv or .json file for the numbers; None for none.
        chart: An .svg, .png, .pdf, .html or .json file for the curves as a chart; None for none.
        on_progress: Called from time to time with the steps that are done, and with all, about.

    Returns:
        The smallest number of items for each wish, with a curve, or what the items show.

    Raises:
        OptionError: If an option has a value that is not allowed, or one is missing.
        InputError: If `out` is no such file, or the pilot is not the folder of an analysis, or has no answer that can
            be right or wrong.
    """
    search = Search(power, confidence, n_tests, n_studies, seed)
    _check_files(out, chart)
    found = _open_pilot(pilot, model, other_model, mode)
    wishes = _find_wishes(half_width, difference, corrected, n_items, n_readings, found)
    if chart is not None and None in wishes.values():
        raise OptionError("chart", "is for curves; say what is wished instead of how many items or readings there are")
    tried = _list_repeats(repeats)
    stated = {
        "accuracy": accuracy,
        "discordance": discordance,
        "group_size": group_size,
        "icc": icc,
        "missing": missing,
        "repeats": max(tried, default=None),
        "repeat_correlation": repeat_correlation,
    }
    guesses = {goal: _assume(goal, found, stated) for goal in wishes}
    assumed: Misreading | None = None
    if Goal.CORRECTED in wishes:
        texts = _assume_texts(pilot, found, guesses[Goal.CORRECTED], misreading)
        assumed = texts.misreading
        guesses[Goal.CORRECTED] = replace(texts.guesses, missing=texts.guesses.missing if missing is None else missing)
        n_items = texts.n_items if n_items is None else n_items
    elif misreading is not None:
        raise OptionError("misreading", "is for human readings; say how many, or which half width is wished")
    tell = _Steps(on_progress, len(wishes) * max(len(tried), 1) * _N_STEPS)
    curves: dict[Goal, dict[int, PowerCurve]] = {}
    shown: dict[Goal, dict[int, PowerPoint | None]] = {}
    for goal, wish in wishes.items():
        for repeats_tried in tried or (guesses[goal].repeats,):
            with_repeats = replace(guesses[goal], repeats=repeats_tried)
            if wish is None:
                point = _show(goal, with_repeats, assumed, n_items, n_readings, search, tell)
                shown.setdefault(goal, {})[repeats_tried] = point
            else:
                curve = _search(goal, wish, with_repeats, assumed, n_items, search, tell)
                curves.setdefault(goal, {})[repeats_tried] = curve
    result = Power(found, guesses, assumed, search, curves, shown)
    if out is not None:
        _WRITERS[Path(out).suffix.lower()](result, Path(out))
    if chart is not None:
        write_chart(result.figure, Path(chart))
    return result


class _Steps:
    """Counts what is done."""

    def __init__(self, on_progress: Callable[[int, int], None] | None, n_steps: int) -> None:
        self._on_progress, self._n_steps, self._n_done = on_progress, n_steps, 0

    def __call__(self) -> None:
        """Count one more step."""
        self._n_done += 1
        if self._on_progress is not None:
            self._on_progress(min(self._n_done, self._n_steps - 1), self._n_steps)


def _check_files(out: Path | str | None, chart: Path | str | None) -> None:
    for path, allowed in ((out, tuple(_WRITERS)), (chart, CHART_SUFFIXES)):
        if path is not None and Path(path).suffix.lower() not in allowed:
            raise InputError(Path(path), f"cannot be {quote(Path(path).suffix)}; use one of {', '.join(allowed)}")


def _open_pilot(
    folder: Path | str | None, model: str | None, other: str | None, mode: Mode | str | None
) -> Pilot | None:
    if folder is not None:
        return read_pilot(Path(folder), _compare_options(Path(folder)), model=model, other=other, mode=mode)
    for name, value in (("model", model), ("other_model", other), ("mode", mode)):
        if value is not None:
            raise OptionError(name, "is for a pilot; name its folder, too")
    return None


def _compare_options(folder: Path) -> CompareOptions:
    """Return how the pilot was compared."""
    check_analysis(folder)
    run = load_run(folder)
    options = run.get("options", {})
    return CompareOptions(
        label_mode=Mode(options.get("label_mode", Mode.CLASSIFY)),
        support=Support(options.get("support", Support.STRICT)),
        categories=run_category_set(run, folder / RUN_FILE),
        threads=1,
    )


def _find_wishes(
    half_width: float | None,
    difference: float | None,
    corrected: float | None,
    n_items: int | None,
    n_readings: int | None,
    pilot: Pilot | None,
) -> dict[Goal, float | None]:
    """Return what is looked for, with the wish, or None where a size is given and what it shows is looked for.

    A pilot without a second side says nothing of differences.
    """
    given = {Goal.HALF_WIDTH: half_width, Goal.DIFFERENCE: difference, Goal.CORRECTED: corrected}
    wishes = {goal: wish for goal, wish in given.items() if wish is not None}
    has_difference = pilot is None or pilot.pair is not None
    if n_items is not None and not wishes.keys() <= {Goal.CORRECTED}:
        raise OptionError("n_items", "asks what items show; leave out the half width and the difference")
    if n_readings is not None and wishes:
        raise OptionError("n_readings", "asks what readings show; leave out what is wished")
    if n_items is None and pilot is None and (n_readings is not None or corrected is not None):
        raise OptionError("n_items", "must be given where human readings are planned without a pilot")
    if difference is not None and not has_difference:
        raise OptionError("difference", "needs a second side, which the pilot does not have; name another model")
    if wishes:
        return {**wishes}
    if n_items is None and n_readings is None:
        defaults = {Goal.HALF_WIDTH: DEFAULT_HALF_WIDTH, Goal.DIFFERENCE: DEFAULT_DIFFERENCE}
        return {goal: wish for goal, wish in defaults.items() if goal is Goal.HALF_WIDTH or has_difference}
    asked = {
        Goal.HALF_WIDTH: n_items is not None,
        Goal.DIFFERENCE: n_items is not None and has_difference,
        Goal.CORRECTED: n_readings is not None,
    }
    return {goal: None for goal, is_asked in asked.items() if is_asked}


def _list_repeats(repeats: int | Sequence[int] | None) -> tuple[int, ...]:
    """Return the numbers of repeats that are tried, rising; nothing if none is stated."""
    if repeats is None:
        return ()
    stated = (repeats,) if isinstance(repeats, int) else tuple(repeats)
    for number in stated:
        check_number("repeats", number, 1, MAX_REPEATS)
    if len(set(stated)) > MAX_REPEATS_TRIED:
        raise OptionError("repeats", f"can be at most {MAX_REPEATS_TRIED} numbers, not {len(set(stated))}")
    return tuple(sorted(set(stated)))


def _assume(goal: Goal, pilot: Pilot | None, stated: Mapping[str, Any]) -> Guesses:
    """Return what a pilot measured and a person states together."""
    measured: Measured | None = None
    if pilot is not None:
        measured = pilot.pair if goal is Goal.DIFFERENCE else pilot.share
    named = {name: value for name, value in stated.items() if value is not None}
    if goal is Goal.HALF_WIDTH:
        named.pop("discordance", None)
    if goal is Goal.CORRECTED:
        _check_corrected(pilot, named)
    guesses = replace(Guesses() if measured is None else measured.guesses, **named)
    if guesses.group_size > 1 and "icc" not in named and not (measured and measured.has_pairs):
        raise OptionError("icc", "must be given where groups have several items; 0 if these are no more alike")
    if guesses.repeats > 1 and "repeat_correlation" not in named and not (measured and measured.has_repeats):
        raise OptionError("repeat_correlation", "must be given where there are repeats; 1 if they always agree")
    if guesses.group_size == 1 and named.get("icc"):
        raise OptionError("icc", "is for groups of several items; give their size, too")
    return replace(guesses, repeats=1) if goal is Goal.CORRECTED else guesses


def _check_corrected(pilot: Pilot | None, named: Mapping[str, Any]) -> None:
    """Refuse what does not go with planned human readings."""
    if named.get("repeats", 1) > 1:
        raise OptionError("repeats", "must be 1 where human readings are planned: one description of each item")
    for name in ("accuracy", "discordance"):
        if pilot is not None and name in named:
            raise OptionError(name, "cannot be stated beside a pilot where human readings are planned")


class _Texts(NamedTuple):
    misreading: Misreading
    guesses: Guesses
    n_items: int | None


def _assume_texts(folder: Path | str | None, pilot: Pilot | None, guesses: Guesses, misreading: float | None) -> _Texts:
    """Return what is assumed of descriptions, with the missing verdicts and the number of items of a pilot."""
    if folder is None or pilot is None:
        if misreading is None:
            raise OptionError("misreading", "must be given where human readings are planned without a pilot")
        return _Texts(state_misreading(guesses, misreading, choices_of(load_category_set())), guesses, None)
    categories = _compare_options(Path(folder)).categories
    assumed, n_items, missing = read_misreading(Path(folder), categories, pilot.a.model, misreading)
    return _Texts(assumed, replace(guesses, missing=missing), n_items)


def _search(
    goal: Goal,
    wish: float,
    guesses: Guesses,
    assumed: Misreading | None,
    n_items: int | None,
    search: Search,
    tell: Callable[[], None],
) -> PowerCurve:
    if assumed is None or n_items is None or goal is not Goal.CORRECTED:
        return find_items(goal, wish, guesses, search, tell)
    return find_readings(wish, assumed, guesses, n_items, search, tell)


def _show(
    goal: Goal,
    guesses: Guesses,
    assumed: Misreading | None,
    n_items: int | None,
    n_readings: int | None,
    search: Search,
    tell: Callable[[], None],
) -> PowerPoint | None:
    if n_items is None:
        raise ValueError("what is shown needs a number of items")
    if goal is Goal.CORRECTED and assumed is not None and n_readings is not None:
        return narrow_readings(assumed, guesses, n_items, n_readings, search)
    return narrow(guesses, n_items, search) if goal is Goal.HALF_WIDTH else detect(guesses, n_items, search, tell)


def _write_csv(found: Power, path: Path) -> None:
    rows = found.rows
    with replace_file(path) as unfinished:
        write_csv(unfinished, POWER_COLUMNS, [[row[name] for name in POWER_COLUMNS] for row in rows])


def _write_json(found: Power, path: Path) -> None:
    write_file(path, json.dumps(found.record, ensure_ascii=False, indent=2) + "\n")


_WRITERS = {".csv": _write_csv, ".json": _write_json}
