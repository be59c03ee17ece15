"""The primary endpoint: outside the families, without correction."""

import pytest

from descan.compare import CompareOptions
from descan.errors import OptionError
from tests.compare.conftest import Analysis


@pytest.fixture
def three_models(analysis: Analysis) -> Analysis:
    """Return an analysis in which labels of a are right more often than those of b and of x:1, and descriptions too."""
    for number in range(40):
        item = str(number)
        analysis.item(item, "Sad" if number % 2 else "Fear")
        for model, n_right in (("a", 30), ("b", 18), ("x:1", 17)):
            gold = "Sad" if number % 2 else "Fear"
            analysis.describe(item, gold if number < n_right + 5 else "Happy", model=model)
            analysis.label(item, gold if number < n_right else "Happy", model=model)
    return analysis


def test_the_primary_endpoint_is_not_corrected_and_raises_no_other_p(three_models: Analysis) -> None:
    three_models.compare()
    before = {(row["model_a"], row["model_b"]): row for row in three_models.table("tests", mode_a="classify")}
    assert {row["family_size"] for row in before.values()} <= {"2", "3"}
    three_models.compare(CompareOptions(n_resamples=500, primary="models:a:b"))
    after = {(row["model_a"], row["model_b"]): row for row in three_models.table("tests", mode_a="classify")}
    primary = after["a", "b"]
    assert (primary["family"], primary["family_size"], primary["p_holm"]) == ("primary", "1", primary["p"])
    assert [primary["adjusted_low"], primary["adjusted_high"]] == [primary["low"], primary["high"]]
    other = after["a", "x:1"]
    assert float(other["p_holm"]) < float(before["a", "x:1"]["p_holm"])


@pytest.mark.parametrize("name", ["modes:x:1", "models:x:1:a", "seen_despite_label:b", "seen:x:1"])
def test_each_kind_of_test_can_be_named(three_models: Analysis, name: str) -> None:
    three_models.compare(CompareOptions(n_resamples=100, primary=name))
    found = [row for table in ("tests", "contrasts") for row in three_models.table(table, family="primary")]
    assert len(found) == 1


@pytest.mark.parametrize("name", ["modes:c", "models:a:a", "accuracy:a", ""])
def test_a_name_that_is_no_test_is_refused_with_those_that_are(three_models: Analysis, name: str) -> None:
    with pytest.raises(OptionError, match=r"names no test; use 'seen_despite_label:a', .* and 7 more, not ") as error:
        three_models.compare(CompareOptions(n_resamples=100, primary=name))
    assert "\n" not in str(error.value)
