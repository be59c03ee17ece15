"""Options of an analysis that are of another type than a number."""

from collections.abc import Callable

import pytest

from descan.analysis.options import AnalyzeOptions
from descan.compare import CompareOptions
from descan.errors import OptionError
from descan.report.writing import ReportOptions


@pytest.mark.parametrize("value", ["2", 2.5, [2]])
def test_a_number_of_processes_that_is_not_a_whole_number_is_refused_by_name(value: object) -> None:
    with pytest.raises(OptionError, match="n_jobs must be 1 to 256, not ") as refusal:
        AnalyzeOptions(n_jobs=value)  # type: ignore[arg-type]
    assert repr(value) in str(refusal.value)


@pytest.mark.parametrize(
    ("options", "name", "problem"),
    [
        (CompareOptions, "confidence", "must be 0.01 to 0.9999, not 'x'"),
        (CompareOptions, "lenient_threshold", "must be above 0 and at most 1, not 'x'"),
        (CompareOptions, "seed", "must be 0 or more, not 'x'"),
        (CompareOptions, "contested_models", "must be 1 or more, not 'x'"),
        (ReportOptions, "cases_per_cell", "must be 1 or more, not 'x'"),
        (ReportOptions, "seed", "must be 0 or more, not 'x'"),
    ],
)
def test_a_word_in_place_of_a_number_is_refused_by_the_name_of_the_option(
    options: Callable[..., object], name: str, problem: str
) -> None:
    with pytest.raises(OptionError) as refusal:
        options(**{name: "x"})
    assert str(refusal.value) == f"{name} {problem}"
