"""The sentences of the answer, from tables written by hand."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pytest

from descan.report.analysis_tables import AnalysisTables
from descan.report.answer import answer_sentences
from descan.report.misreading import misreading_warnings
from descan.report.wording import interval, number, p_value, percent

Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Model:
    """What the tables say of a model: a share or a difference, and its interval."""

    name: str
    seeing: Triple
    labeling: Triple
    p_errors: float = 0.001
    despite: float = 0.21
    despite_difference: Triple = (0.06, 0.02, 0.1)
    support: float = 0.4
    p: float = 0.001
    difference: Triple = (0.13, 0.09, 0.18)
    p_difference: float = 0.0001
    n_groups: int = 100
    n_left_out: int = 0
    decision: str = ""


SEES_NOT = Model("m", (0.54, 0.51, 0.58), (0.1, 0.08, 0.12))
NAMES_WRONG = Model("n", (0.1, 0.08, 0.12), (0.5, 0.4, 0.6), difference=(-0.1, -0.2, -0.05))
UNCLEAR = Model(
    "u", (0.25, 0.1, 0.4), (0.2, 0.1, 0.3), p_errors=0.3, p=0.2, difference=(0.02, -0.01, 0.05), p_difference=0.45
)
FEW = Model("f", (0.5, 0.1, 0.9), (0.1, 0.0, 0.4), p_errors=math.nan, p=math.nan, p_difference=math.nan, n_groups=4)


def _tables(
    models: Sequence[Model],
    run: Mapping[str, object] | None = None,
    estimates: Sequence[Mapping[str, object]] | None = None,
    rejected: Sequence[Mapping[str, object]] | None = None,
    discordance: Sequence[Mapping[str, object]] | None = None,
) -> AnalysisTables:
    verdicts, contrasts, tests = [], [], []
    for model in models:
        of: dict[str, object] = {"model": model.name, "n_groups": model.n_groups}
        for verdict, (share, low, high) in (("seeing_failure", model.seeing), ("labeling_failure", model.labeling)):
            shares = {"share_of_scored": share, "share_low": low, "share_high": high}
            verdicts.append(of | {"gold": "all", "verdict": verdict, "n_scored": 767} | shares)
        more_seeing = model.seeing[0] - model.labeling[0]
        errors = (more_seeing, more_seeing - 0.05, more_seeing + 0.05)
        by_chance = {"other_share": 0.15, "other_low": 0.13, "other_high": 0.18}
        for contrast, n_items, shares, difference, p_holm in (
            ("seeing_minus_labeling", 767, {}, errors, model.p_errors),
            ("seen_despite_label", 490, {"share": model.despite} | by_chance, model.despite_difference, model.p),
            ("seen", 855, {"share": model.support} | by_chance, (0.25, 0.2, 0.3), model.p),
        ):
            row: dict[str, object] = of | {"contrast": contrast, "support": "strict", "n_items": n_items} | shares
            contrasts.append(row | _decided(difference, p_holm))
        modes: dict[str, object] = {"comparison": "modes", "model_a": model.name, "mode_b": "classify", "n_items": 593}
        modes |= {"n_left_out": model.n_left_out, "n_asked": 855}
        tests.append(
            modes | {"n_groups": model.n_groups} | _decided(model.difference, model.p_difference, model.decision)
        )
    frames = {"verdicts": pd.DataFrame(verdicts), "contrasts": pd.DataFrame(contrasts), "tests": pd.DataFrame(tests)}
    frames |= {"discordance": pd.DataFrame(discordance or []), "variance": pd.DataFrame(), "prompts": pd.DataFrame()}
    frames |= {"misreading_modes": pd.DataFrame(estimates or []), "misreading_tests": pd.DataFrame(rejected or [])}
    return AnalysisTables(Path("analysis"), run or {}, tuple(model.name for model in models), frames)


def _decided(difference: tuple[float, float, float], p_holm: float, decision: str = "") -> dict[str, object]:
    adjusted = dict(zip(("difference", "adjusted_low", "adjusted_high"), difference, strict=True))
    tested: dict[str, object] = {"p_holm": p_holm, "not_in_family": "" if p_holm == p_holm else "could not reject"}
    return adjusted | tested | {"decision": decision or ("differs" if p_holm < 0.05 else "cannot tell")}


def _sentences(tables: AnalysisTables) -> list[str]:
    return [sentence.replace("\u2068", "").replace("\u2069", "") for sentence in answer_sentences(tables)]


def test_one_model_is_answered_with_every_interval() -> None:
    assert _sentences(_tables([SEES_NOT])) == [
        "Seeing failures are more frequent than labeling failures: 54% (51–58) of the scored items are seeing failures "
        "and 10% (8–12) are labeling failures (difference +44 points (+39 to +49), p = 0.001, 767 items).",
        "Where the label is wrong, the description still supports the gold emotion more often than by chance "
        "(chance: the same descriptions, shuffled among the wrongly labelled items): 21% of 490, by chance 15% "
        "(13–18), difference +6 points (+2 to +10), p = 0.001.",
        "Over all items, descriptions support the gold emotion more often than by chance: 40% of 855, by chance 15% "
        "(13–18), difference +25 points (+20 to +30), p = 0.001.",
        "On the same items, descriptions are right more often than labels "
        "(+13 points, +9 to +18, p < 0.001, 593 items).",
    ]


@pytest.mark.parametrize(
    ("models", "begin"),
    [
        ([NAMES_WRONG], "Labeling failures are more frequent than seeing failures:"),
        ([UNCLEAR], "These items do not show whether seeing failures or labeling failures are more frequent:"),
        (
            [SEES_NOT, NAMES_WRONG],
            "Seeing failures are more frequent than labeling failures (m); labeling failures are more frequent than "
            "seeing failures (n):",
        ),
        (
            [SEES_NOT, UNCLEAR],
            "Seeing failures are more frequent than labeling failures (m); these items do not show whether seeing "
            "failures or labeling failures are more frequent (u):",
        ),
        (
            [FEW],
            "Which error is more frequent cannot be told (left out: f with 4 groups; at least 10 are needed).",
        ),
    ],
)
def test_no_more_is_concluded_than_the_intervals_tell(models: Sequence[Model], begin: str) -> None:
    assert _sentences(_tables(models))[0].startswith(begin)


@pytest.mark.parametrize(
    ("models", "begin"),
    [
        ([UNCLEAR], "Over all items, descriptions do not clearly support the gold emotion more often than by chance:"),
        (
            [SEES_NOT, UNCLEAR],
            "Over all items, descriptions support the gold emotion more often than by chance (m); over all items, "
            "descriptions do not clearly support the gold emotion more often than by chance (u): m 40% of",
        ),
        ([FEW], "Whether descriptions support the gold emotion more often than by chance cannot be told (left"),
    ],
)
def test_support_is_compared_with_chance(models: Sequence[Model], begin: str) -> None:
    assert _sentences(_tables(models))[2].startswith(begin)


def test_ways_of_asking_are_told_apart_only_where_the_test_rejects() -> None:
    assert _sentences(_tables([SEES_NOT, NAMES_WRONG, UNCLEAR]))[3] == (
        "On the same items, descriptions are right more often than labels "
        "(m +13 points, +9 to +18, p < 0.001, 593 items), labels are right more often than descriptions "
        "(n −10 points, −20 to −5, p < 0.001, 593 items), "  # noqa: RUF001
        "neither descriptions nor labels are clearly right more often "
        "(u +2 points, −1 to +5, p = 0.45, 593 items)."  # noqa: RUF001
    )


def test_a_model_with_few_items_is_named_and_left_out() -> None:
    sentences = _sentences(_tables([SEES_NOT, FEW]))
    assert all(sentence.endswith("(left out: f with 4 groups; at least 10 are needed).") for sentence in sentences)
    assert not any("50%" in sentence for sentence in sentences)


def test_many_models_are_summed_up_by_the_least_and_the_greatest() -> None:
    models = [Model(f"m{i}", (0.5 + i / 100, 0.45, 0.6), (0.1, 0.05, 0.15)) for i in range(6)]
    assert (
        "between 50% (45–60) (m0) and 55% (45–60) (m5) of the scored items are seeing" in _sentences(_tables(models))[0]
    )


@pytest.mark.parametrize(
    ("modes", "reason", "sentence"),
    [
        (["describe"], "no_gold", "No item has a gold emotion, so no answer can be called right or wrong;"),
        (["classify"], "no_description", "There are no descriptions, and only they can show whether a model"),
        (["describe"], "no_label", "No answer has mode classify, so errors of seeing and of labeling cannot"),
        (["describe", "classify"], "refused", "No item has gold, a description and a label, so"),
    ],
)
def test_what_is_missing_is_said_where_nothing_is_scored(modes: Sequence[str], reason: str, sentence: str) -> None:
    frames = {
        "verdicts": pd.DataFrame([{"model": "m", "gold": "all", "verdict": "right", "n_scored": 0}]),
        "contrasts": pd.DataFrame(columns=["contrast", "support", "n_groups"]),
        "tests": pd.DataFrame(columns=["comparison", "mode_b", "difference"]),
        "answers": pd.DataFrame({"mode": modes}),
        "unscored": pd.DataFrame([{"model": "m", "reason": reason}]),
        "discordance": pd.DataFrame(),
    }
    sentences = _sentences(AnalysisTables(Path("analysis"), {}, ("m",), frames))
    assert len(sentences) == 1
    assert sentences[0].startswith(sentence)


def test_a_name_can_neither_hide_nor_reorder_what_stands_around_it() -> None:
    [first, *_] = answer_sentences(_tables([SEES_NOT, Model("\u202eevil\x1b", *(SEES_NOT.seeing, SEES_NOT.labeling))]))
    assert "\u2068\\u202eevil\\x1b\u2069" in first


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (percent(0.004), "<1%"),
        (percent(0.0), "0%"),
        (percent(0.996), ">99%"),
        (percent(1.0), "100%"),
        (percent(float("nan")), "–"),
        (interval(float("nan"), 0.5), ""),
        (interval(0.366, 0.67), "37–67"),
        (p_value(0.0004), "p < 0.001"),
        (p_value(0.0123), "p = 0.012"),
        (number(1234567.0), "1,234,567"),
        (number(3.14159), "3.14"),
        (number(float("nan")), "–"),
    ],
)
def test_numbers_have_no_false_precision(shown: str, text: str) -> None:
    assert shown == text


def test_ways_of_asking_are_not_compared_where_most_items_have_only_one() -> None:
    thin = replace(SEES_NOT, name="t", n_left_out=594)
    left_out = "left out: t, where less than 50% of the items name a category in both"
    assert _sentences(_tables([SEES_NOT, thin]))[-1].endswith(f"({left_out}).")
    alone = f"Whether descriptions or labels are right more often cannot be told ({left_out})."
    assert _sentences(_tables([thin]))[-1] == alone
    run = {"options": {"min_coverage": 0.4}}
    assert _sentences(_tables([thin], run))[-1].startswith("On the same items, descriptions are right more often")


def _estimate(model: str, estimated: Triple, p_holm: float, disagreement: str, kind: str) -> dict[str, object]:
    bounds = ("estimated", "estimated_adjusted_low", "estimated_adjusted_high")
    row = {"model": model, "mode": "classify", "difference": 0.13, "p_holm": 0.0001, "n_human": 300, "kind": kind}
    return row | dict(zip(bounds, estimated, strict=True)) | {"estimated_p_holm": p_holm, "disagreement": disagreement}


@pytest.mark.parametrize(
    ("kind", "words", "after"),
    [
        (
            "correction",
            "corrected for misreading",
            "The correction for misreading rests on 300 human readings.",
        ),
        (
            "sensitivity analysis",
            "under the misreading of other texts",
            "The misreading of 300 other texts makes a sensitivity analysis and no correction: nobody has read "
            "descriptions of this corpus.",
        ),
    ],
)
def test_describing_minus_labelling_stands_beside_its_estimate(kind: str, words: str, after: str) -> None:
    estimate = _estimate("m", (-0.02, -0.06, 0.03), 0.4, "direction and decision", kind)
    tables = _tables([SEES_NOT], estimates=[estimate])
    assert _sentences(tables)[3] == (
        "On the same items, descriptions are right more often than labels (+13 points, +9 to +18, p < 0.001, "
        f"593 items; {words}: −2 points, −6 to +3, p = 0.40). {after}"  # noqa: RUF001
    )
    assert list(misreading_warnings(tables, str)) == [
        "Whether descriptions or labels are right more often depends on what descan misreads: "
        f"m +13 points as descan reads (p < 0.001), −2 points {words} (p = 0.40)."  # noqa: RUF001
    ]


def test_nothing_is_warned_of_where_both_agree() -> None:
    tables = _tables([SEES_NOT], estimates=[_estimate("m", (0.12, 0.06, 0.19), 0.001, "", "correction")])
    assert list(misreading_warnings(tables, str)) == []


def test_a_correction_whose_assumption_fails_is_not_to_be_relied_on() -> None:
    rejected = [
        {"factor": factor, "model": model, "n_human": 300, "difference": difference, "p_holm": p_holm}
        | {"adjusted_low": difference - 0.02, "adjusted_high": difference + 0.02}
        for factor, model, difference, p_holm in (
            ("gold", "", 0.06, 0.003),
            ("gold", "m", 0.03, 0.3),
            ("label", "n", 0.05, 0.02),
            ("model", "m", -0.08, 0.01),
        )
    ]
    assert list(misreading_warnings(_tables([SEES_NOT], rejected=rejected), str)) == [
        "Do not rely on the correction for misreading. It assumes that descan's errors depend on nothing but what a "
        "description says, but it reads the gold emotion more often than expected from what people read (+6 points, "
        "+4 to +8, p = 0.003, 300 readings); it reads the emotion of the label in descriptions of n more often than "
        "expected from what people read (+5 points, +3 to +7, p = 0.020, 300 readings); it reads descriptions of m as "
        "people do less often than expected from what people read (−8 points, −10 to −6, "  # noqa: RUF001
        "p = 0.010, 300 readings)."
    ]


def test_equal_sides_are_said_to_be_equal_within_the_margin() -> None:
    equal = replace(UNCLEAR, decision="equal")
    said = "On the same items, descriptions and labels are right equally often within {} points ("
    assert _sentences(_tables([equal]))[-1].startswith(said.format(5))
    assert _sentences(_tables([equal], {"options": {"margin": 0.1}}))[-1].startswith(said.format(10))


def _discordance(model: str, excess: Triple | None, p: float = 0.3, difference: float = 0.06) -> dict[str, object]:
    """Return a row of `discordance.csv`; without an excess the model was asked once."""
    row: dict[str, object] = {"model": model, "gold": "all", "n_items": 300, "n_groups": 300, "between": 0.46}
    row |= {"between_low": 0.4, "between_high": 0.52, "n_repeated": 300 if excess else 0}
    for side, share in (("description", 0.26), ("label", 0.2)):
        row |= {f"{side}_only": share, f"{side}_only_low": share - 0.05, f"{side}_only_high": share + 0.05}
    row |= {"within_descriptions": 0.45, "within_labels": 0.43, "excess_low": 0.0004, "excess_high": 0.52}
    tested = (excess, p) if excess else ((math.nan, math.nan, math.nan), math.nan)
    decided = _decided(*tested)
    row |= {"difference_low": difference - 0.08, "difference_high": difference + 0.08}
    return row | decided | {"excess": decided["difference"], "difference": difference}


def _last(model: Model, row: Mapping[str, object], rejected: Sequence[Mapping[str, object]] = ()) -> str:
    return _sentences(_tables([model], rejected=rejected, discordance=[row]))[-1]


def test_a_model_that_was_asked_once_may_be_unsteady() -> None:
    assert _last(UNCLEAR, _discordance("u", None)) == (
        "Without repeats of both, a model does not show whether description and label differ because it is unsteady: "
        "only the description is right in 26% (21–31) of the scored items and only the label in 20% (15–25), of which "
        "at least 0.04 and at most 52 points are no unsteadiness (descan collect --repeats 3 would show it)."
    )


def test_repeats_tell_unsteadiness_from_a_gap() -> None:
    unsteady = _last(UNCLEAR, _discordance("u", (0.02, -0.01, 0.05)))
    assert unsteady == (
        "Asked again, description and label of an item do not clearly disagree about gold more often than answers of "
        "one kind do, so that the model may just be unsteady: 46% (40–52), two descriptions 45%, two labels 43% "
        "(excess +2 points (\N{MINUS SIGN}1 to +5), p = 0.30, 300 items)."
    )
    assert _last(UNCLEAR, _discordance("u", (0.1, 0.05, 0.15), 0.001)).startswith(
        "Asked again, description and label of an item disagree about gold more often than answers of one kind do: 46%"
    )


def test_a_gap_is_said_only_where_excess_direction_and_chance_carry_it() -> None:
    gap, none = _discordance("m", (0.1, 0.05, 0.15), 0.001), _discordance("m", (0.02, -0.01, 0.05))
    said = "By more than unsteadiness, descriptions tell the gold emotion where labels miss it."
    assert _last(SEES_NOT, gap).endswith(said)
    reading = {"factor": "gold", "model": "", "difference": 0.05, "n_human": 250, "p_holm": 0.01}
    reading |= {"adjusted_low": 0.02, "adjusted_high": 0.08}
    for last in (
        _last(SEES_NOT, none),
        _last(replace(SEES_NOT, p=0.2), gap),
        _last(replace(SEES_NOT, p_difference=0.2), gap),
        _last(SEES_NOT, gap, rejected=[reading]),
    ):
        assert "By more than unsteadiness" not in last
    labels_better = replace(SEES_NOT, difference=(-0.13, -0.18, -0.09))
    labels = _last(labels_better, _discordance("m", (0.1, 0.05, 0.15), 0.001, difference=-0.06))
    assert labels.endswith("unsteadiness, labels are right where descriptions do not tell the gold emotion.")


def test_a_gap_is_not_said_where_undecided_descriptions_turn_the_direction_round() -> None:
    excess, labels_better = (0.1, 0.05, 0.15), replace(SEES_NOT, difference=(-0.13, -0.18, -0.09))
    for model, difference in ((SEES_NOT, -0.2), (labels_better, 0.2)):
        last = _last(model, _discordance("m", excess, 0.001, difference))
        assert last.startswith("Asked again, description and label of an item disagree about gold more often than")
        assert "By more than unsteadiness" not in last


def test_disagreement_is_less_than_that_of_repeats_only_where_the_excess_is_below_0() -> None:
    less = _last(UNCLEAR, _discordance("u", (-0.1, -0.15, -0.05), 0.001))
    assert less.startswith("Asked again, description and label of an item disagree about gold less often than answers")


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("nothing to test", "excess +100 points, too little varies for a test, 300 items"),
        ("fewer than 10 independent items or groups", "excess +100 points, too few for a test, 300 items"),
    ],
)
def test_an_excess_that_cannot_be_tested_is_not_called_unsteadiness(reason: str, said: str) -> None:
    row = _discordance("m", (1.0, math.nan, math.nan), math.nan) | {"not_in_family": reason}
    last = _last(SEES_NOT, row)
    assert last.startswith("Asked again, these answers allow no test of whether description and label of an item")
    assert said in last
    assert "unsteady" not in last


def test_a_model_is_not_called_unsteady_where_one_kind_is_right_more_often() -> None:
    for difference in (0.1, -0.1):
        last = _last(UNCLEAR, _discordance("u", (0.02, -0.01, 0.05), difference=difference))
        assert "more often than answers of one kind do, though one is right more often: 46%" in last
        assert "unsteady" not in last


def test_repeats_that_never_differ_are_not_called_steady() -> None:
    row = _discordance("u", (0.44, 0.36, 0.53), 0.001) | {"within_descriptions": 0.0, "within_labels": 0.0}
    assert _last(UNCLEAR, row).startswith(
        "Asked again, description and label of an item disagree about gold, answers of one kind never, as from a "
        "cache: 46%"
    )


def test_several_prompts_may_be_why_answers_of_one_kind_disagree() -> None:
    run = {"prompts": {"several": {"describe": {"a": 300, "b": 300}}}}
    row = _discordance("u", (0.02, -0.01, 0.05))
    last = _sentences(_tables([UNCLEAR], run, discordance=[row]))
    assert any("so that the model may be unsteady, or depend on the prompt:" in sentence for sentence in last)


def test_prompts_of_different_items_are_not_ranked_as_if_they_had_the_same() -> None:
    of: dict[str, object] = {"model": "m", "mode": "classify"}
    between = {"share": 0.03, "share_low": 0.0, "share_high": 0.15, "n_items": 120}
    shown = {}
    for n_items in (120, 75):
        shares = {"n_items": n_items, "n_groups": n_items, "accuracy_low": 0.4, "accuracy_high": 0.75}
        rows = [
            of | shares | {"prompt": prompt, "accuracy": accuracy} for prompt, accuracy in (("a", 0.65), ("b", 0.5))
        ]
        tables = _tables([UNCLEAR], {"prompts": {"several": {"classify": {"a": 1, "b": 1}}}})
        tables._frames["prompts"] = pd.DataFrame(rows)
        tables._frames["variance"] = pd.DataFrame([of | {"component": "prompt"} | between])
        shown[n_items] = _sentences(tables)[-1]
    assert "65% (40–75) by a, and 3%" in shown[120]
    assert "65% (40–75) by a, each over its own items (tables/prompts.csv compares them on the same), and" in shown[75]
