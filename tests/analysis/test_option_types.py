"""Options of an analysis that are of another type than a number."""

import pytest

from descan.analysis.options import AnalyzeOptions
from descan.errors import OptionError


@pytest.mark.parametrize("value", ["2", 2.5, [2]])
def test_a_number_of_processes_that_is_not_a_whole_number_is_refused_by_name(value: object) -> None:
    with pytest.raises(OptionError, match="n_jobs must be 1 to 256, not ") as refusal:
        AnalyzeOptions(n_jobs=value)  # type: ignore[arg-type]
    assert repr(value) in str(refusal.value)
