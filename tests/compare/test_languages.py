"""Whether the language of descriptions moves labels and descriptions."""

from typing import TYPE_CHECKING

import pytest

from descan.compare import CompareOptions

if TYPE_CHECKING:
    from tests.compare.conftest import Analysis

OPTIONS = CompareOptions(n_resamples=500)


def _add(analysis: "Analysis", item: str, language: str, *, described: str, label: str, repeat: int = 0) -> None:
    analysis.describe(item, described, repeat=repeat, language=language)
    analysis.label(item, label, repeat=repeat)


def test_two_languages_of_a_model_are_tested_against_each_other(analysis: "Analysis") -> None:
    for number in range(80):
        language = ("en", "ja")[number % 2]
        analysis.item(str(number), "Sad")
        # Descriptions support gold in 3 of 4 texts in English, in 1 of 4 in Japanese; labels are right in 1 of 2.
        is_supported = number // 2 % 4 < (3 if language == "en" else 1)
        described, label = ("Sad" if is_supported else "Fear"), ("Sad" if number // 2 % 2 else "Happy")
        _add(analysis, str(number), language, described=described, label=label)
    analysis.compare(OPTIONS)
    found = {row["measure"]: row for row in analysis.table("language_tests")}
    told = found["description_right"]
    sides = [told[name] for name in ("language_a", "language_b", "n_a", "n_b", "n_groups", "test", "family_size")]
    assert sides == ["en", "ja", "40", "40", "80", "bootstrap", "1"]
    assert [float(told[name]) for name in ("share_a", "share_b", "difference")] == [0.75, 0.25, 0.5]
    assert 0 < float(told["low"]) < 0.5 < float(told["high"])
    assert (told["decision"], float(told["p_holm"]) < 0.05) == ("differs", True)
    assert float(found["label_right"]["difference"]) == 0
    assert found["label_right"]["decision"] != "differs"


def test_what_groups_have_in_both_languages_is_drawn_together(analysis: "Analysis") -> None:
    for number in range(40):
        item = str(number)
        analysis.item(item, "Sad")
        for repeat, language in enumerate(("en", "zh")):
            described = "Sad" if number % 2 else "Fear"
            _add(analysis, item, language, described=described, label="Sad", repeat=repeat)
    analysis.compare(OPTIONS)
    [told] = [row for row in analysis.table("language_tests") if row["measure"] == "description_right"]
    # Each item is read alike in both, so that no resample has a difference.
    assert float(told["difference"]) == 0
    assert told["n_groups"] == "40"
    assert told["decision"] != "differs"


@pytest.mark.parametrize("languages", [(), ("en",)])
def test_one_language_has_nothing_to_test(analysis: "Analysis", languages: tuple[str, ...]) -> None:
    for language in languages:
        analysis.item("a", "Sad")
        _add(analysis, "a", language, described="Sad", label="Sad")
    analysis.compare(OPTIONS)
    assert analysis.table("language_tests") == []
