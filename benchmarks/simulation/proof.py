"""Many simulated studies: how often do intervals hold the truth, and how often do tests find what is not there?

Run `python -m benchmarks.simulation`.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np

from benchmarks.simulation.design import load_designs
from benchmarks.simulation.estimates import ALL, DIFFERENCES, SCORES, Name, StudyResult, compare_study, truths
from benchmarks.simulation.repeats import describe_excess, describe_shares
from descan.compare.hypothesis_tests import holm

N_STUDIES = 200
N_NULL_STUDIES = 400
"""Of equal describers: how often any test of a family rejects is one number a study."""

N_PROCESSES = 2
ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Coverage:
    """How estimates of many studies stand to the truth.

    Attributes:
        n_intervals: Intervals of all studies and models.
        n_undefined: Estimates without an interval; they are in no other number.
        share: Share of the intervals that hold the truth.
        width: Their mean width.
        error: Mean of estimate less truth.
        worst_error: That of the model, or the number, in which it is farthest from 0.
    """

    n_intervals: int
    n_undefined: int
    share: float
    width: float
    error: float
    worst_error: float


def run_studies(
    name: str, n_studies: int, *, has_groups: bool = True, n_processes: int = N_PROCESSES
) -> list[StudyResult]:
    """Draw and compare many studies of a design, in several processes; each has its own fixed seed."""
    run = partial(compare_study, name, has_groups=has_groups)
    if n_processes == 1:
        return [run(seed) for seed in range(n_studies)]
    with ProcessPoolExecutor(n_processes, mp_context=get_context("forkserver")) as pool:
        return list(pool.map(run, range(n_studies), chunksize=5))


def coverage(name: str, results: Sequence[StudyResult], is_counted: Callable[[Name], bool]) -> Coverage:
    """Set the estimates of some numbers beside the truth of their design."""
    truth_of = truths(load_designs().designs[name])
    names = [number for number in results[0].estimates if is_counted(number)]
    found = np.array([[result.estimates[number] for number in names] for result in results])
    truth = np.array([truth_of[number] for number in names])
    value, low, high = np.moveaxis(found, -1, 0)
    is_known = ~np.isnan(low)
    errors = np.nanmean(value - truth, axis=0)
    return Coverage(
        n_intervals=int(is_known.sum()),
        n_undefined=int((~is_known).sum()),
        share=float(((low <= truth) & (truth <= high))[is_known].mean()),
        width=float((high - low)[is_known].mean()),
        error=float(errors.mean()),
        worst_error=float(errors[np.argmax(np.abs(errors))]),
    )


def describe_simulation(n_studies: int = N_STUDIES, n_null_studies: int = N_NULL_STUDIES) -> str:
    """Simulate all designs and return the findings as tables in Markdown."""
    run = partial(run_studies, n_studies=n_studies)
    independent, clustered, misread = run("independent"), run("clustered"), run("misread")
    untold, few_groups = run("clustered", has_groups=False), run("few_groups")
    thin, misread_alike, by_gold = run("misread_thin"), run("misread_clustered"), run("misread_by_gold")
    equal, equal_clustered, with_silent = (
        run_studies(name, n_null_studies) for name in ("equal", "equal_clustered", "equal_with_silent")
    )
    sections = {
        "700 independent items": _coverage_lines("independent", independent),
        "70 groups of 10 items": _coverage_lines("clustered", clustered),
        "The same, but the comparison is not told of the groups": _coverage_lines("clustered", untold),
        "7 groups of 100 items": _coverage_lines("few_groups", few_groups),
        "700 items whose descriptions are misread, 300 human readings": _coverage_lines("misread", misread),
        "The same, 60 human readings": _coverage_lines("misread_thin", thin),
        "The same, 70 groups of 10 items whose descriptions are misread alike": _coverage_lines(
            "misread_clustered", misread_alike
        ),
        "Misreading that depends on nothing but the text: tests of the assumption": _test_lines(misread, _ASSUMPTION),
        "The same in groups": _test_lines(misread_alike, _ASSUMPTION),
        "One text in ten is read as gold: the same tests": _test_lines(by_gold, _ASSUMPTION),
        "Three equal describers, 700 independent items: any difference is chance": _test_lines(equal, _PAIRED),
        "Three equal describers, 40 groups of 20 items strongly alike": _test_lines(equal_clustered, _PAIRED),
        "The same with a fourth that labels one item in 200": _test_lines(with_silent, _PAIRED),
        "Who sees nothing, 700 independent items: any support is luck": _test_lines(independent, _BLIND),
        "Who sees nothing, 70 groups of 10 items": _test_lines(clustered, _BLIND),
        "Who sees nothing, groups not told": _test_lines(untold, _BLIND),
        "Repeats, 1,000 studies": describe_shares(),
        "Unsteadiness or a gap, 1,000 studies": describe_excess(),
    }
    return f"{n_studies} studies each, {n_null_studies} of equal describers.\n\n" + "\n\n".join(
        f"{title}\n\n" + "\n".join(lines) for title, lines in sections.items()
    )


def _coverage_lines(name: str, results: Sequence[StudyResult]) -> Iterator[str]:
    yield "| statistic | intervals | none | coverage | mean width | mean error | worst mean error |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for label, is_counted in _LINES:
        if not any(is_counted(number) for number in results[0].estimates):
            continue
        found = coverage(name, results, is_counted)
        yield (
            f"| {label} | {found.n_intervals} | {found.n_undefined} | {found.share:.3f} | {found.width:.3f} "
            f"| {found.error:+.4f} | {found.worst_error:+.4f} |"
        )


def _test_lines(results: Sequence[StudyResult], tables: tuple[str, ...]) -> Iterator[str]:
    """Count the tests, and the studies with any test of a family, that find what is not there."""
    families = sorted({test.family for result in results for test in result.tests if test.family.startswith(tables)})
    yield "| family | tests a study | p < 0.05 | studies with any p_holm < 0.05 | the same by McNemar's test |"
    yield "|---|--:|--:|--:|--:|"
    for family in families:
        studies = [[test for test in result.tests if test.family == family] for result in results]
        single = np.mean([test.p < ALPHA for tests in studies for test in tests])
        any_holm = np.mean([any(test.p_holm < ALPHA for test in tests) for tests in studies])
        has_holm = any(not math.isnan(test.p_holm) for tests in studies for test in tests)
        of_mcnemar = [holm([test.p_mcnemar for test in tests]) for tests in studies]
        any_mcnemar = np.mean([any(p < ALPHA for p in adjusted) for adjusted in of_mcnemar])
        has_mcnemar = family.startswith("tests.csv")
        yield (
            f"| {family} | {len(studies[0])} | {single:.3f} | {f'{any_holm:.3f}' if has_holm else '–'} "
            f"| {f'{any_mcnemar:.3f}' if has_mcnemar else '–'} |"
        )


def _is(kind: str, part: str | None = None, of: str | None = None) -> Callable[[Name], bool]:
    return lambda name: name.kind == kind and part in (None, name.part) and of in (None, name.of)


def _is_by_gold(kind: str) -> Callable[[Name], bool]:
    return lambda name: name.kind == kind and name.of != ALL


_PAIRED = ("tests.csv", "differences.csv, models", "differences.csv, modes, classify: accuracy")
"""The twins' descriptions and labels are right equally often, but not in each category: their mean recalls differ."""

_ASSUMPTION = ("misreading_tests.csv",)

_BLIND = ("support.csv, blind",)

_VERDICTS = ("right", "lucky", "labeling_failure", "seeing_failure")

_LINES: tuple[tuple[str, Callable[[Name], bool]], ...] = (
    *((f"share: {verdict}", _is("verdict", verdict, ALL)) for verdict in _VERDICTS),
    ("share: all four", _is("verdict", of=ALL)),
    ("share by gold: all four", _is_by_gold("verdict")),
    *((f"corrected: {verdict}", _is("corrected", verdict, ALL)) for verdict in _VERDICTS),
    ("corrected by gold: all four", _is_by_gold("corrected")),
    ("describing minus labelling, as read", _is("modes", "raw")),
    ("describing minus labelling, corrected", _is("modes", "corrected")),
    *((f"as read, beside what is meant: {verdict}", _is("raw", verdict)) for verdict in _VERDICTS),
    *((f"by the clipped inverse: {verdict}", _is("inverted", verdict)) for verdict in _VERDICTS),
    *((f"bounded in every mixture: {verdict}", _is("bounded", verdict)) for verdict in _VERDICTS),
    ("support", _is("support")),
    ("seen beyond chance", _is("beyond_chance")),
    ("seen beyond chance, of who sees nothing", lambda name: name.kind == "beyond_chance" and name.model == "blind"),
    *((f"{score} of descriptions", _is("score", score, "describe")) for score in SCORES),
    *((f"{score} of labels", _is("score", score, "classify")) for score in SCORES),
    *((f"difference in {score}", _is("difference", score)) for score in DIFFERENCES),
    *((f"difference in share: {verdict}", _is("difference", verdict)) for verdict in _VERDICTS),
)
