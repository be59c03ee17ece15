"""How large a study must be, before it is made."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from descan.compare import CompareOptions, Support
from descan.compare.power import (
    Goal,
    Guesses,
    Measured,
    Pilot,
    PowerCurve,
    PowerPoint,
    Search,
    detect,
    find_items,
    narrow,
    read_pilot,
)
from descan.compare.safe_csv import write_csv
from descan.errors import InputError, OptionError, quote
from descan.lexicon import run_category_set
from descan.records import Mode
from descan.report.analysis_tables import load_run
from descan.storage.atomic import replace_file, write_file
from descan.storage.output import check_analysis
from descan.storage.publishing import RUN_FILE

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_HALF_WIDTH, DEFAULT_DIFFERENCE = 0.05, 0.1
"""What is wished where nothing is: an interval of accuracy of ± 5 points, and a difference of 10 points."""

POWER_COLUMNS = (*(field.name for field in fields(PowerPoint)), "is_smallest")

_N_STEPS = 12
"""Numbers of items that a search simulates, about."""


@dataclass(frozen=True, slots=True)
class Power:
    """What studies of several sizes can show.

    Attributes:
        pilot: What the pilot study says; None without one.
        guesses: Goal -> what is assumed for it.
        search: How studies are simulated.
        curves: Goal -> what smaller and larger studies reach, and the smallest that reaches the wish.
        shown: Goal -> what studies of the number of items that was asked for show; None where they find no difference.
    """

    pilot: Pilot | None
    guesses: Mapping[Goal, Guesses]
    search: Search
    curves: Mapping[Goal, PowerCurve]
    shown: Mapping[Goal, PowerPoint | None]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The points of all curves, a row each; `is_smallest` is yes for the smallest study that is enough."""
        marked = [(point, point == curve.smallest) for curve in self.curves.values() for point in curve.points] + [
            (point, False) for point in self.shown.values() if point is not None
        ]
        return [asdict(point) | {"is_smallest": "yes" if is_smallest else "no"} for point, is_smallest in marked]

    @property
    def table(self) -> "pd.DataFrame":
        """The same as a frame."""
        import pandas as pd

        return pd.DataFrame(self.rows)

    @property
    def about(self) -> dict[str, Any]:
        """What was assumed and how it was simulated, as values of JSON."""
        pilot = self.pilot
        return {
            "pilot": pilot and {"a": pilot.a._asdict(), "b": pilot.b and pilot.b._asdict()},
            "guesses": {str(goal): asdict(guesses) for goal, guesses in self.guesses.items()},
            "wishes": {str(goal): curve.points[0].wish for goal, curve in self.curves.items()},
            "search": asdict(self.search),
        }


def power(
    pilot: Path | str | None = None,
    *,
    model: str | None = None,
    other_model: str | None = None,
    mode: Mode | str | None = None,
    half_width: float | None = None,
    difference: float | None = None,
    n_items: int | None = None,
    accuracy: float | None = None,
    discordance: float | None = None,
    group_size: int | None = None,
    icc: float | None = None,
    missing: float | None = None,
    repeats: int | None = None,
    repeat_correlation: float | None = None,
    power: float = 0.8,
    confidence: float = 0.95,
    n_tests: int = 1,
    n_studies: int = 500,
    seed: int = 0,
    out: Path | str | None = None,
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
        n_items: Number of items; then the half width and the difference that they show are looked for. Without
            this and the two wishes, the wishes are 0.05 and 0.1.
        accuracy: Share of answers that are right; 0.5, where most items are needed, if nothing is known.
        discordance: Share of items that only one of the two sides has right; as if independent if nothing is known.
        group_size: Items in a group; 1 if nothing is known.
        icc: Correlation of two items of a group, in being right.
        missing: Share of answers without a category; 0 if nothing is known.
        repeats: How often each question is asked.
        repeat_correlation: Correlation of two repeats of an item, in being right.
        power: Share of the studies that are to reach the wish.
        confidence: Confidence level of the intervals.
        n_tests: Tests in the family of the difference, with it; more tests need more items.
        n_studies: Simulated studies behind each number.
        seed: Seed of the random numbers; the same seed gives the same numbers.
        out: A .csv or .json file for the numbers; None for none.
        on_progress: Called from time to time with the steps that are done, and with all, about.

    Returns:
        The smallest number of items for each wish, with a curve, or what the items show.

    Raises:
        OptionError: If an option has a value that is not allowed, or one is missing.
        InputError: If `out` is no such file, or the pilot is not the folder of an analysis, or has no answer that can
            be right or wrong.
    """
    search = Search(power, confidence, n_tests, n_studies, seed)
    if out is not None and Path(out).suffix.lower() not in _WRITERS:
        raise InputError(Path(out), f"cannot be {quote(Path(out).suffix)}; use one of {', '.join(_WRITERS)}")
    found = None if pilot is None else _read_pilot(Path(pilot), model, other_model, mode)
    if found is None:
        for name, value in (("model", model), ("other_model", other_model), ("mode", mode)):
            if value is not None:
                raise OptionError(name, "is for a pilot; name its folder, too")
    wished = _find_wishes(half_width, difference, n_items, found)
    stated = {
        "accuracy": accuracy,
        "discordance": discordance,
        "group_size": group_size,
        "icc": icc,
        "missing": missing,
        "repeats": repeats,
        "repeat_correlation": repeat_correlation,
    }
    guesses = {goal: _assume(goal, found, stated) for goal in wished}
    tell = _Steps(on_progress, len(wished) * _N_STEPS)
    if n_items is None:
        curves = {goal: find_items(goal, wish, guesses[goal], search, tell) for goal, wish in wished.items()}
        result = Power(found, guesses, search, curves, {})
    else:
        shown: dict[Goal, PowerPoint | None] = {}
        for goal in wished:
            is_width = goal is Goal.HALF_WIDTH
            shown[goal] = (
                narrow(guesses[goal], n_items, search) if is_width else detect(guesses[goal], n_items, search, tell)
            )
        result = Power(found, guesses, search, {}, shown)
    if out is not None:
        _WRITERS[Path(out).suffix.lower()](result, Path(out))
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


def _read_pilot(folder: Path, model: str | None, other: str | None, mode: str | None) -> Pilot:
    check_analysis(folder)
    run = load_run(folder)
    options = run.get("options", {})
    compare = CompareOptions(
        label_mode=Mode(options.get("label_mode", Mode.CLASSIFY)),
        support=Support(options.get("support", Support.STRICT)),
        categories=run_category_set(run, folder / RUN_FILE),
        threads=1,
    )
    return read_pilot(folder, compare, model=model, other=other, mode=mode)


def _find_wishes(
    half_width: float | None, difference: float | None, n_items: int | None, pilot: Pilot | None
) -> dict[Goal, float]:
    """Return what is looked for; a pilot without a second side says nothing of differences."""
    given = {Goal.HALF_WIDTH: half_width, Goal.DIFFERENCE: difference}
    wished = {goal: wish for goal, wish in given.items() if wish is not None}
    if n_items is not None and wished:
        raise OptionError("n_items", "asks what items show; leave out the half width and the difference")
    has_difference = pilot is None or pilot.pair is not None
    if difference is not None and not has_difference:
        raise OptionError("difference", "needs a second side, which the pilot does not have; name another model")
    if wished:
        return wished
    defaults = {Goal.HALF_WIDTH: DEFAULT_HALF_WIDTH, Goal.DIFFERENCE: DEFAULT_DIFFERENCE}
    return {goal: wish for goal, wish in defaults.items() if goal is Goal.HALF_WIDTH or has_difference}


def _assume(goal: Goal, pilot: Pilot | None, stated: Mapping[str, Any]) -> Guesses:
    """Return what a pilot measured and a person states together."""
    measured: Measured | None = None
    if pilot is not None:
        measured = pilot.share if goal is Goal.HALF_WIDTH else pilot.pair
    named = {name: value for name, value in stated.items() if value is not None}
    if goal is Goal.HALF_WIDTH:
        named.pop("discordance", None)
    guesses = replace(Guesses() if measured is None else measured.guesses, **named)
    if guesses.group_size > 1 and "icc" not in named and not (measured and measured.has_pairs):
        raise OptionError("icc", "must be given where groups have several items; 0 if these are no more alike")
    if guesses.repeats > 1 and "repeat_correlation" not in named and not (measured and measured.has_repeats):
        raise OptionError("repeat_correlation", "must be given where there are repeats; 1 if they always agree")
    if guesses.group_size == 1 and named.get("icc"):
        raise OptionError("icc", "is for groups of several items; give their size, too")
    return guesses


def _write_csv(found: Power, path: Path) -> None:
    rows = found.rows
    with replace_file(path) as unfinished:
        write_csv(unfinished, POWER_COLUMNS, [[row[name] for name in POWER_COLUMNS] for row in rows])


def _write_json(found: Power, path: Path) -> None:
    points = [{name: None if value != value else value for name, value in row.items()} for row in found.rows]
    write_file(path, json.dumps(found.about | {"points": points}, ensure_ascii=False, indent=2) + "\n")


_WRITERS = {".csv": _write_csv, ".json": _write_json}
