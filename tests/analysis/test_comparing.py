"""Two analyses side by side: every number by hand or by another library."""

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import f1_score, recall_score
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

import descan
from descan.compare.changes.comparing import find_changes
from descan.compare.changes.options import ChangeOptions
from descan.errors import InputError, OptionError
from descan.lexicon import category_set_record, load_category_set
from tests.analysis.corpora import bytes_of
from tests.analysis.sides import judged, write_side
from tests.record_parts import split_record
from tests.report.analyses import Pair

GOLD = ["Happy"] * 4 + ["Sad"] * 4
DESCRIBED_A = ["Happy", "Happy", "Sad", "Happy", "Sad", "Sad", "Happy", "Undecided"]
LABELS_A: list[str | None] = ["Happy", "Neutral", "Happy", "Sad", "Sad", "Sad", "Fear", "Sad"]
DESCRIBED_B = ["Happy", "Happy", "Happy", "Sad", "Sad", "Happy", "Happy", "Sad"]
LABELS_B: list[str | None] = ["Happy", "Happy", "Happy", "Sad", None, "Sad", "Sad", "Sad"]


def side(described: list[str], labels: list[str | None], **more: Any) -> list[Pair]:
    rows = zip(GOLD, described, labels, strict=True)
    return [judged(f"i{place}", *row, **more) for place, row in enumerate(rows, start=1)]


A = side(DESCRIBED_A, LABELS_A)
B = side(DESCRIBED_B, LABELS_B)


@pytest.fixture
def a(tmp_path: Path) -> Path:
    return write_side(tmp_path / "a", A)


@pytest.fixture
def b(tmp_path: Path) -> Path:
    return write_side(tmp_path / "b", B)


def compare(a: Any, b: Any, out: Path | None = None, **options: Any) -> Any:
    return descan.compare_runs(a, b, out, **{"n_resamples": 200, **options})


def row_of(frame: pd.DataFrame, **where: object) -> dict[str, Any]:
    [row] = frame[np.logical_and.reduce([frame[key] == value for key, value in where.items()])].to_dict("records")
    return dict(row)


def test_every_move_from_verdict_to_verdict_is_counted(a: Path, b: Path) -> None:
    found = compare(a, b).transitions.query("gold == 'all' and n > 0")
    # i1 stays right, i5 loses its label, i6 its support; i3 and i8 get support, i2 a right label, and i4 loses
    # support; i7 gets a right label.
    assert {(row.verdict_a, row.verdict_b): row.n for row in found.itertuples()} == {
        ("right", "right"): 1,
        ("right", "unscored"): 1,
        ("right", "lucky"): 1,
        ("lucky", "right"): 2,
        ("labeling_failure", "right"): 1,
        ("labeling_failure", "seeing_failure"): 1,
        ("seeing_failure", "lucky"): 1,
    }


def test_transitions_of_the_golds_add_up_to_those_of_all(a: Path, b: Path) -> None:
    found = compare(a, b).transitions
    sums = found[found["gold"] != "all"].groupby(["verdict_a", "verdict_b"])["n"].sum()
    overall = found[found["gold"] == "all"].set_index(["verdict_a", "verdict_b"])["n"]
    assert sums.sort_index().equals(overall.sort_index())


def test_flips_have_what_both_sides_say(a: Path, b: Path) -> None:
    flips = compare(a, b).flips
    assert list(flips["item_id"]) == ["i2", "i3", "i4", "i5", "i6", "i7", "i8"]
    assert row_of(flips.astype(object).where(flips.notna(), None), item_id="i5") == {
        "item_id": "i5",
        "model_a": "m",
        "model_b": "m",
        "gold": "Sad",
        "group": None,
        "verdict_a": "right",
        "verdict_b": "unscored",
        "detail_a": "",
        "detail_b": "unparsed",
        "label_a": "Sad",
        "label_b": None,
        "described_a": "Sad",
        "described_b": "Sad",
    }


def test_changes_are_of_the_items_that_both_have(a: Path, b: Path) -> None:
    found = compare(a, b).differences
    # Labels without i5: right are i1 i3 i6 i8 in A, and i2 and i7 as well in B.
    labels = row_of(found, statistic="accuracy", mode_a="classify")
    assert (labels["value_a"], labels["value_b"], labels["change"]) == pytest.approx((4 / 7, 6 / 7, 2 / 7))
    assert (labels["n_items"], labels["n_left_out"]) == (7, 1)
    # Descriptions without i8, which A leaves undecided: i1 i2 i4 i5 i6 in A, i1 i2 i3 i5 in B.
    described = row_of(found, statistic="accuracy", mode_a="describe")
    assert (described["value_a"], described["value_b"], described["change"]) == pytest.approx((5 / 7, 4 / 7, -1 / 7))
    # An undecided description supports nothing, so support has all eight: five on either side.
    support = row_of(found, statistic="support")
    assert (support["value_a"], support["value_b"], support["change"], support["n_items"]) == (5 / 8, 5 / 8, 0, 8)


def test_verdict_shares_are_of_the_items_that_both_score(a: Path, b: Path) -> None:
    found = compare(a, b).differences.query("family == 'runs, strict: verdict shares'")
    # Without i5. A: right i1 i6, lucky i3 i8, labeling i2 i4, seeing i7. B: right i1 i2 i3 i8, lucky i6 i7, seeing i4.
    shares = {row.statistic: (row.value_a * 7, row.value_b * 7, row.change * 7) for row in found.itertuples()}
    assert shares == {
        "right": pytest.approx((2, 4, 2)),
        "lucky": pytest.approx((2, 2, 0)),
        "labeling_failure": pytest.approx((2, 0, -2)),
        "seeing_failure": pytest.approx((1, 1, 0)),
    }
    assert set(found["n_items"]) == {7}


def test_recall_and_f1_are_those_of_scikit_learn(a: Path, b: Path) -> None:
    found = compare(a, b).differences
    chosen = [place for place in range(8) if LABELS_A[place] and LABELS_B[place]]
    gold = [GOLD[place] for place in chosen]
    for name, score in (("uar", recall_score), ("macro_f1", f1_score)):
        row = row_of(found, statistic=name, mode_a="classify")
        for column, labels in (("value_a", LABELS_A), ("value_b", LABELS_B)):
            predicted = [labels[place] for place in chosen]
            expected = score(gold, predicted, labels=["Happy", "Sad"], average="macro", zero_division=0)
            assert row[column] == pytest.approx(expected)


def test_tests_are_those_of_statsmodels(tmp_path: Path) -> None:
    chance = random.Random(3)
    pairs: list[list[Pair]] = [[], []]
    for model in ("m", "n", "o"):
        for place in range(60):
            gold = chance.choice(["Happy", "Sad", "Fear"])
            for number, share in enumerate((0.4, 0.9 if model == "m" else 0.45)):
                described, label = (gold if chance.random() < share else "Neutral" for _ in range(2))
                pairs[number].append(judged(f"i{model}{place}", gold, described, label, model=model))
    found = compare(write_side(tmp_path / "a", pairs[0]), write_side(tmp_path / "b", pairs[1])).tests
    assert len(found) == 9
    for row in found.itertuples():
        table = [[row.n_both, row.n_a_only], [row.n_b_only, row.n_neither]]
        assert row.p == pytest.approx(max(mcnemar(table, exact=True).pvalue, 1e-6))
    for family, members in found.groupby("family"):
        assert members["family_size"].eq(len(members)).all()
        assert members["p_holm"].tolist() == pytest.approx(multipletests(members["p"], method="holm")[1])
        assert family in ("runs, describe: accuracy", "runs, classify: accuracy", "runs, strict: support")
    assert found.query("model_a == 'm' and outcome == 'right'")["p_holm"].max() < 0.05


def test_identical_analyses_have_no_flip_and_no_change(a: Path) -> None:
    found = compare(a, a)
    assert found.flips.empty
    assert (found.differences["change"] == 0).all()
    assert (found.tests["p"] == 1).all()
    assert "No verdict changed: 8 pairs of item and model have the same in A and B" in repr(found)
    assert found.about["counts"]["n_same_descriptions"] == found.about["counts"]["n_descriptions"] == 8
    assert found.mentions.empty


@pytest.mark.slow
def test_intervals_cover_the_true_change(tmp_path: Path) -> None:
    # 150 models as 150 studies of 80 items each; B is right where A is, unless one time in five it draws anew.
    # Truth: P(B) - P(A) = 0.2 * (0.7 - 0.5) = 0.04.
    chance = random.Random(0)
    a: list[Pair] = []
    b: list[Pair] = []
    for study in range(150):
        for place in range(80):
            right_a = chance.random() < 0.5
            right_b = chance.random() < 0.7 if chance.random() < 0.2 else right_a
            for pairs, is_right in ((a, right_a), (b, right_b)):
                label = "Happy" if is_right else "Neutral"
                pairs.append(judged(f"{study} {place}", "Happy", label, label, model=f"m{study}"))
    found = compare(write_side(tmp_path / "a", a), write_side(tmp_path / "b", b), n_resamples=1000).differences
    for statistic in ("accuracy", "support", "right"):
        rows = found[(found["statistic"] == statistic) & (found["mode_a"] != "describe")]
        assert len(rows) == 150
        covered = ((rows["low"] <= 0.04) & (rows["high"] >= 0.04)).mean()
        assert 0.9 <= covered <= 0.99


def test_items_of_a_group_are_drawn_together(tmp_path: Path) -> None:
    from tests.compare.conftest import Analysis

    folders = []
    for name, right in (("a", 6), ("b", 12)):
        analysis = Analysis(tmp_path / name)
        analysis.folder.mkdir()
        for place in range(24):
            label = "Happy" if place < right else "Sad"
            analysis.item(f"i{place:02}", "Happy", f"g{place // 6}")
            analysis.describe(f"i{place:02}", label)
            analysis.label(f"i{place:02}", label)
        analysis.compare()
        (analysis.folder / "run.json").write_text('{"descan": "0.1.0"}')
        folders.append(analysis.folder)
    row = row_of(compare(*folders).differences, statistic="accuracy", mode_a="classify")
    assert (row["n_items"], row["n_groups"]) == (24, 4)
    assert set(compare(*folders).flips["group"]) == {"g1"}
    assert row_of(compare(*folders).tests, mode_a="classify")["is_grouped"] == "yes"


def test_repeats_count_as_in_the_analyses(tmp_path: Path) -> None:
    # Three repeats: the verdict is that of the majority, whatever a single repeat says.
    a = [judged("i1", "Happy", "Happy", "Happy", repeat=repeat) for repeat in range(3)]
    b = [replace(pair, label="Sad" if pair.repeat == 1 else "Happy") for pair in a]
    found = compare(write_side(tmp_path / "a", a), write_side(tmp_path / "b", b))
    assert found.flips.empty
    assert found.about["counts"]["n_replies"] == 3
    assert found.about["counts"]["n_same_replies"] == 2


def test_what_only_one_has_is_counted_and_named(tmp_path: Path) -> None:
    a = write_side(tmp_path / "a", [*A, judged("x", "Happy", "Happy", "Happy")])
    b = write_side(tmp_path / "b", [*B[:6], *(judged(f"y{place}", "Sad", "Sad", "Sad") for place in range(9))])
    found = compare(a, b, tmp_path / "out")
    left_out = found.about["left_out"]
    assert left_out["items_only_in_a"] == {"n": 3, "first": ["i7", "i8", "x"]}
    assert left_out["items_only_in_b"] == {"n": 9, "first": ["y0", "y1", "y2", "y3", "y4"]}
    assert found.about["counts"]["n_compared"] == 6
    table = pd.read_csv(tmp_path / "out" / "tables" / "left_out.csv")
    assert table["reason"].value_counts().to_dict() == {"only_in_b": 9, "only_in_a": 3}


def test_an_item_with_another_gold_is_left_out_and_told(tmp_path: Path) -> None:
    b = write_side(tmp_path / "b", [judged("i1", "Sad", "Happy", "Happy"), judged("i2", None, "Sad", "Sad"), *B[2:]])
    found = compare(write_side(tmp_path / "a", A), b)
    assert found.about["left_out"]["items_gold_differs"] == {"n": 2, "first": ["i1", "i2"]}
    assert found.about["counts"]["n_compared"] == 6
    assert not set(found.flips["item_id"]) & {"i1", "i2"}


def test_models_are_paired_by_name_then_as_told(tmp_path: Path) -> None:
    def both(first: str, second: str) -> list[Pair]:
        return [replace(pair, model=model) for model in (first, second) for pair in A]

    a, b = write_side(tmp_path / "a", both("old", "same")), write_side(tmp_path / "b", both("new", "same"))
    found = compare(a, b)
    assert found.about["models"] == [{"a": "same", "b": "same"}]
    assert (found.about["models_only_in_a"], found.about["models_only_in_b"]) == (["old"], ["new"])
    found = compare(a, b, model_map={"old": "new"})
    assert found.about["models"] == [{"a": "old", "b": "new"}, {"a": "same", "b": "same"}]
    found = compare(a, b, model_map={"old": "same", "same": "new"})
    assert found.about["models"] == [{"a": "old", "b": "same"}, {"a": "same", "b": "new"}]


def test_the_only_models_are_paired_whatever_their_names(tmp_path: Path, a: Path) -> None:
    found = compare(a, write_side(tmp_path / "b", [replace(pair, model="m-2026") for pair in B]))
    assert found.about["models"] == [{"a": "m", "b": "m-2026"}]
    assert found.about["is_guessed"] is True
    assert len(found.flips) == 7


@pytest.mark.parametrize(
    ("model_map", "problem"),
    [
        ({"x": "m"}, "model_map names 'x', which is no model of A; A has 'm'"),
        ({"m": "x"}, "model_map names 'x', which is no model of B; B has 'm'"),
    ],
)
def test_a_model_that_is_not_there_is_told(a: Path, b: Path, model_map: dict[str, str], problem: str) -> None:
    with pytest.raises(OptionError) as error:
        compare(a, b, model_map=model_map)
    assert str(error.value) == problem


def test_one_model_of_b_for_two_of_a_is_refused(tmp_path: Path, b: Path) -> None:
    a = write_side(tmp_path / "a", [replace(pair, model=model) for model in ("x", "y") for pair in A])
    with pytest.raises(OptionError) as error:
        compare(a, b, model_map={"x": "m", "y": "m"})
    assert str(error.value) == "model_map gives 'm' of B to both 'x' and 'y' of A; give it to one"


def test_without_a_common_model_both_lists_are_told(tmp_path: Path, b: Path) -> None:
    a = write_side(tmp_path / "a", [replace(pair, model=model) for model in ("x", "y") for pair in A])
    with pytest.raises(InputError) as error:
        compare(a, b)
    assert str(error.value) == (
        "A and B have no model in common: A has 'x', 'y'; B has 'm'; "
        "--model-map OLD=NEW pairs a model of A with one of B"
    )


def test_without_a_common_item_one_line_says_so(tmp_path: Path, a: Path) -> None:
    b = write_side(tmp_path / "b", [replace(pair, item_id=f"{pair.item_id}.png") for pair in B])
    with pytest.raises(InputError) as error:
        compare(a, b)
    assert str(error.value) == (
        f"{a}: has no item in common with {b}: the first of A is 'i1', the first of B 'i1.png'; "
        "the same items need the same item_id in both"
    )


def test_another_gold_everywhere_is_an_error(tmp_path: Path, a: Path) -> None:
    b = write_side(tmp_path / "b", [replace(pair, gold="Fear") for pair in B])
    with pytest.raises(InputError) as error:
        compare(a, b)
    assert str(error.value) == (
        f"{a}: gold of every item differs from that in {b}: item 'i1' is Happy in A and Fear in B; "
        "analyze both with the same gold"
    )


def test_another_reading_of_the_same_text_is_told_with_its_mentions(tmp_path: Path) -> None:
    texts = {
        "i1": ("A [smile|smile] and [brow_lower|furrowed brows].", "A [smile|smile] and furrowed brows."),
        "i2": ("She is [Happy:smug|smug].", "She is [Other:smug|smug]."),
        "i3": ("A [smile|smile].", "No text in common, but a [Happy:glad|glad] face."),
    }
    sides = [
        [judged(item, "Happy", described, "Happy", text=both[number]) for item, both in texts.items()]
        for number, described in enumerate(("Happy", "Sad"))
    ]
    found = compare(write_side(tmp_path / "a", sides[0]), write_side(tmp_path / "b", sides[1], descan="0.2.0"))
    counts = found.about["counts"]
    assert (counts["n_descriptions"], counts["n_same_descriptions"], counts["n_reread"]) == (3, 2, 2)
    told = found.mentions.set_index("name")[["n_a", "n_b", "n_vanished", "n_appeared", "n_changed"]]
    assert told.to_dict("index") == {
        "brow_lower": {"n_a": 1, "n_b": 0, "n_vanished": 1, "n_appeared": 0, "n_changed": 0},
        "smug": {"n_a": 1, "n_b": 1, "n_vanished": 0, "n_appeared": 0, "n_changed": 1},
    }
    assert {(each["name"], each["is_loud"]) for each in found.about["settings"]} == {("descan", False)}


def test_settings_that_change_what_a_verdict_means_are_loud(tmp_path: Path) -> None:
    options = {"label_mode": "classify", "support": "lenient", "lenient_threshold": 0.3, "resamples": 100}
    a = write_side(tmp_path / "a", A, options={"lenient_threshold": 0.25})
    b = write_side(tmp_path / "b", B, options=options, lexicon_sha256="1")
    settings = compare(a, b).about["settings"]
    assert {each["name"]: each["is_loud"] for each in settings} == {
        "support": True,
        "lenient_threshold": True,
        "resamples": False,
        "lexicon_sha256": False,
    }


def test_what_one_side_does_not_say_is_not_loud(tmp_path: Path) -> None:
    a = write_side(tmp_path / "a", A)
    b = write_side(tmp_path / "b", B, options={"terms_by": "lexicon", "weights": {"hedged": 0.5}})
    assert compare(a, b).about["settings"] == [{"name": "weights.hedged", "a": None, "b": 0.5, "is_loud": False}]


def test_analyses_with_other_categories_are_compared_with_a_warning(tmp_path: Path, a: Path) -> None:
    # i1 is Contempt in B: a wrong category, as good as any of the seven; so right are i2 i3 i6 i7 i8 of seven.
    record = category_set_record(load_category_set("basic8")) | {"sha256": "8"}
    b = write_side(tmp_path / "b", [judged("i1", "Happy", "Happy", "Contempt"), *B[1:]], category_set=record)
    found = compare(a, b, tmp_path / "out")
    assert found.about["settings"] == [{"name": "category_set.name", "a": "basic7", "b": "basic8", "is_loud": True}]
    row = row_of(found.differences, statistic="accuracy", mode_a="classify")
    assert (row["value_b"], row["n_items"]) == (pytest.approx(5 / 7), 7)
    assert compare(b, a).about["settings"][0]["is_loud"] is True


def test_intervals_are_as_wide_as_those_of_both_analyses(tmp_path: Path, a: Path, b: Path) -> None:
    assert compare(a, b).about["options"]["confidence"] == 0.95
    narrow = [write_side(tmp_path / name, A, options={"confidence": 0.8}) for name in ("c", "d")]
    assert compare(*narrow).about["options"]["confidence"] == 0.8
    assert compare(a, narrow[0]).about["options"]["confidence"] == 0.95
    assert compare(a, b, confidence=0.5).about["options"]["confidence"] == 0.5


def test_the_folder_has_all_and_the_same_bytes_again(tmp_path: Path, a: Path, b: Path) -> None:
    out = tmp_path / "out"
    compare(a, b, out)
    first = bytes_of(out)
    assert set(first) == {
        "compare.json",
        "flips.parquet",
        "report.html",
        *(
            f"tables/{name}.csv"
            for name in ("differences", "flips", "left_out", "mentions", "models", "reread", "tests", "transitions")
        ),
    }
    compare(a, b, out)
    assert bytes_of(out) == first
    about = json.loads(first["compare.json"])
    assert about["a"]["folder"] == str(a)
    assert pq.read_table(out / "flips.parquet").num_rows == len(pd.read_csv(out / "tables" / "flips.csv")) == 7


def test_opened_analyses_are_compared_as_well(a: Path, b: Path) -> None:
    assert len(compare(descan.open_analysis(a), descan.open_analysis(b)).flips) == 7


def test_without_a_folder_nothing_is_written(tmp_path: Path, a: Path, b: Path) -> None:
    before = {path: bytes_of(path) for path in (a, b)}
    compare(a, b)
    assert {path: bytes_of(path) for path in (a, b)} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


@pytest.mark.parametrize("name", ["a", "b"])
def test_neither_analysis_is_overwritten(tmp_path: Path, a: Path, b: Path, name: str) -> None:
    before = bytes_of(tmp_path / name)
    with pytest.raises(InputError, match=rf"is {name.upper()} itself, one of the analyses that are compared"):
        compare(a, b, tmp_path / name)
    assert bytes_of(tmp_path / name) == before


def test_another_analysis_is_not_overwritten(tmp_path: Path, a: Path, b: Path) -> None:
    other = write_side(tmp_path / "c", A)
    with pytest.raises(InputError) as error:
        compare(a, b, other)
    message = "holds something else; name a new or empty folder, or that of an earlier comparison"
    assert str(error.value) == f"{other}: {message}"


def test_a_comparison_is_no_analysis(tmp_path: Path, a: Path, b: Path) -> None:
    compare(a, b, tmp_path / "out")
    with pytest.raises(InputError, match="is not the folder of an analysis"):
        compare(a, tmp_path / "out")


def test_a_damaged_file_leaves_an_earlier_comparison_as_it_was(tmp_path: Path, a: Path, b: Path) -> None:
    compare(a, b, tmp_path / "out")
    before = bytes_of(tmp_path / "out")
    (b / "mentions.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError) as error:
        compare(a, b, tmp_path / "out")
    assert str(error.value) == f"{b / 'mentions.parquet'}: this is not a Parquet file; `descan analyze` writes it"
    assert bytes_of(tmp_path / "out") == before


@pytest.mark.parametrize(("name", "key"), [("verdicts", "item_id, model, repeat, label_repeat"), ("items", "item_id")])
def test_an_item_that_is_there_twice_is_refused(a: Path, b: Path, name: str, key: str) -> None:
    path = b / f"{name}.parquet"
    table = pq.read_table(path)
    pq.write_table(pa.concat_tables([table, table.slice(2, 1)]), path)
    with pytest.raises(InputError) as error:
        compare(a, b)
    problem = f"item 'i3' is there twice with the same {key}; `descan analyze` writes it once"
    assert str(error.value) == f"{path}: {problem}"


def test_a_column_that_an_older_analysis_lacks_is_named(a: Path, b: Path) -> None:
    path = a / "verdicts.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["described"]), path)
    with pytest.raises(InputError, match=r"verdicts\.parquet: column described is missing; found item_id, model"):
        compare(a, b)


def test_an_analysis_from_before_repeats_shared_an_item_is_compared_as_it_was(tmp_path: Path, a: Path, b: Path) -> None:
    compare(a, b, tmp_path / "out")
    path = a / "verdicts.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["repeat", "label_repeat", "weight"]), path)
    compare(a, b, tmp_path / "of_older")
    assert bytes_of(tmp_path / "of_older" / "tables") == bytes_of(tmp_path / "out" / "tables")


def test_labels_that_repeat_themselves_change_nothing(tmp_path: Path, a: Path, b: Path) -> None:
    compare(a, b, tmp_path / "out")
    path = b / "verdicts.parquet"
    rows = [
        row | {"label_repeat": label_repeat, "weight": 1 / 3}
        for row in pq.read_table(path).to_pylist()
        for label_repeat in range(3)
    ]
    pq.write_table(pa.Table.from_pylist(rows, pq.read_schema(path)), path)
    compare(a, b, tmp_path / "repeated")
    assert bytes_of(tmp_path / "repeated" / "tables") == bytes_of(tmp_path / "out" / "tables")


@pytest.mark.parametrize("weight", [0.0, None, 1.5, float("nan")])
def test_a_weight_that_is_no_share_of_an_item_is_refused(a: Path, b: Path, weight: float | None) -> None:
    path = b / "verdicts.parquet"
    table = pq.read_table(path)
    weights = pa.array([1.0] * (len(table) - 1) + [weight], pa.float64())
    pq.write_table(table.set_column(table.schema.get_field_index("weight"), "weight", weights), path)
    with pytest.raises(
        InputError, match=r"verdicts\.parquet: weight of item 'i\d' is not 1 divided by a number of answers; `desc"
    ):
        compare(a, b)


def test_a_column_that_is_not_used_may_be_missing(a: Path, b: Path) -> None:
    path = a / "mentions.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["similarity", "hedge_cue"]), path)
    assert len(compare(a, b).flips) == 7


def test_names_that_a_spreadsheet_would_run_are_quoted(tmp_path: Path) -> None:
    a, b = (
        write_side(tmp_path / name, [judged("=1+1", "Happy", "Happy", label, model="@m")])
        for name, label in (("a", "Happy"), ("b", "Sad"))
    )
    found = compare(a, b, tmp_path / "out")
    assert (tmp_path / "out" / "tables" / "flips.csv").read_text().splitlines()[1].startswith("'=1+1,'@m,'@m,Happy,")
    assert found.flips["item_id"].tolist() == ["=1+1"]


def test_a_notebook_shows_verdicts_and_changes(tmp_path: Path) -> None:
    a, b = (
        write_side(tmp_path / name, [replace(pair, model="<script>m") for pair in pairs])
        for name, pairs in (("a", A), ("b", B))
    )
    shown = compare(a, b)._repr_mimebundle_()
    assert (
        "7 of 8 verdicts changed (88%): 3 became right, 2 ceased to be right, 2 changed otherwise"
        in shown["text/plain"]
    )
    assert "<script>" not in shown["text/html"]
    assert "+29" in shown["text/html"]


def test_threads_and_parts_change_nothing(tmp_path: Path, a: Path, b: Path) -> None:
    runs = {side: json.loads((folder / "run.json").read_text()) for side, folder in (("a", a), ("b", b))}

    def found(name: str, threads: int) -> dict[str, bytes]:
        (tmp_path / name).mkdir()
        find_changes(a, b, runs, tmp_path / name, ChangeOptions(n_resamples=200, threads=threads))
        return bytes_of(tmp_path / name)

    whole = found("whole", 1)
    assert found("threads", 4) == whole
    for record in ("answers", "mentions", "readings", "labels"):
        split_record(a / f"{record}.parquet", 3)
    assert found("parts", 2) == whole
    compare(a, b, tmp_path / "out")
    assert (tmp_path / "out" / "report.html").is_file()
