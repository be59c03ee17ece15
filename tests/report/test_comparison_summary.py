"""What a person sees at the end of a comparison of two analyses."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

import descan
from descan.report.changes.summary import print_comparison
from tests.analysis.sides import judged, write_side
from tests.report.analyses import Pair

A = [judged(f"i{place:02}", "Happy", "Happy", "Happy" if place < 6 else "Sad") for place in range(24)]
B = [judged(f"i{place:02}", "Happy", "Happy", "Happy" if place < 18 else "Sad") for place in range(24)]


def lines_of(a: Path, b: Path, width: int = 80) -> list[str]:
    file = StringIO()
    compared = descan.compare_runs(a, b, n_resamples=500)
    print_comparison(compared.tables, Console(file=file, width=width))
    return [line.rstrip() for line in file.getvalue().splitlines()]


def text_of(a: Path, b: Path) -> str:
    return " ".join(lines_of(a, b, width=1000))


@pytest.fixture
def a(tmp_path: Path) -> Path:
    return write_side(tmp_path / "a", A)


def test_verdicts_changes_and_tests_are_told(tmp_path: Path, a: Path) -> None:
    # Twelve labels became right, none wrong: +50 points, p = 2 / 2^12, by Holm twice that: describe is a test, too.
    lines = lines_of(a, write_side(tmp_path / "b", B))
    text = " ".join(lines)
    assert "12 of 24 verdicts changed (50%): 12 became right, 0 ceased to be right, 0 changed otherwise" in text
    rows = [line.split() for line in lines]
    assert ["right", "6", "0", "0", "0", "0"] in rows
    assert ["labeling", "failure", "12", "0", "6", "0", "0"] in rows
    assert (
        "Clear changes, B minus A, in 3 of 7 tests: m accuracy of classify +50 points (+29 to +71), p < 0.001;" in text
    )
    assert max(map(len, lines)) <= 80


def test_a_narrow_terminal_gets_lists(tmp_path: Path, a: Path) -> None:
    lines = lines_of(a, write_side(tmp_path / "b", B), width=40)
    assert max(map(len, lines)) <= 40
    assert "accuracy of classify  +50 (+29 to +71)" in lines


def test_the_same_analysis_twice_has_no_change(a: Path) -> None:
    text = text_of(a, a)
    assert "No verdict changed: 24 pairs of item and model have the same in A and B" in text
    assert "No change of accuracy, support or verdicts is clear: p < 0.05 in none of 7 tests" in text
    assert "the same in A and B: 24 of 24 descriptions and 24 of 24 replies with a label" in text
    assert "What was found in these is the same, too: no mention, reading or label differs" in text
    assert "Careful" not in text


def test_another_descan_is_told_by_what_it_reads_otherwise(tmp_path: Path, a: Path) -> None:
    pairs = [replace(pair, text="A smile.", described="Sad", verdict="lucky") for pair in A[:6]]
    b = write_side(tmp_path / "b", [*pairs, *A[6:]], descan="0.2.0", lexicon_sha256="ab" * 32)
    text = text_of(a, b)
    assert (
        "the version of descan is 0.1.0 in A and 0.2.0 in B; the lexicon is not given in A and abababababab in B"
        in text
    )
    assert "Of these, 6 descriptions changed: that comes from descan or its options, not from the models" in text
    assert "Mentions in these that only A has: smile 6" in text
    assert "only B has" not in text


def test_all_that_differs_in_kind_is_one_warning(tmp_path: Path, a: Path) -> None:
    b = write_side(tmp_path / "b", B, options={"support": "lenient", "confidence": 0.9})
    told = "Careful: support is strict in A and lenient in B; confidence is 0.95 in A and 0.9 in B; a change may come"
    assert told in text_of(a, b)


def test_what_differs_in_kind_is_a_warning(tmp_path: Path, a: Path) -> None:
    b = write_side(tmp_path / "b", [replace(B[0], gold="Sad"), *B[1:]], options={"support": "lenient"})
    text = text_of(a, b)
    assert "Careful: support is strict in A and lenient in B; a change may come from that alone" in text
    assert "Careful: gold differs for 1 item (i00), which the comparison leaves out" in text


def test_few_items_are_a_warning(tmp_path: Path) -> None:
    a, b = (write_side(tmp_path / name, pairs[:5]) for name, pairs in (("a", A), ("b", B)))
    assert "Careful: do not rely on intervals from fewer than 10 independent items or groups: m" in text_of(a, b)


def test_what_is_left_out_is_named(tmp_path: Path, a: Path) -> None:
    def named(pair: Pair) -> Pair:
        return replace(pair, item_id=f"x{pair.item_id}") if pair.item_id < "i07" else pair

    text = text_of(a, write_side(tmp_path / "b", map(named, A)))
    told = "7 pairs of item and model only in A (7 items not in B: i00, i01, i02, i03, i04, and 2 more)"
    assert f"Left out: {told}" in text
    assert "Compared: 17 pairs of item and model, 1 model; with a verdict: 17 in A, 17 in B, 17 in both" in text


def test_models_of_two_names_are_told(tmp_path: Path, a: Path) -> None:
    text = text_of(a, write_side(tmp_path / "b", [replace(pair, model="m\x1b[31m2") for pair in B]))
    assert r"Compared under two names: m of A with m\x1b[31m2 of B (each analysis has one model)" in text
    assert "\x1b" not in text


def test_a_side_without_verdicts_is_a_warning(tmp_path: Path, a: Path) -> None:
    pairs = [replace(pair, is_classified=False, label=None, verdict="unscored", detail="no_label") for pair in A]
    text = text_of(a, write_side(tmp_path / "b", pairs))
    told = "verdict shares and their changes are only of items with a verdict in both: m has 24 in A, 0 in B, 0 in both"
    assert f"Careful: {told}" in text
    assert "accuracy of classify" not in text


def test_without_gold_it_says_what_changed_nevertheless(tmp_path: Path) -> None:
    a, b = (
        write_side(tmp_path / name, [replace(pair, gold=None, verdict="unscored", detail="no_gold") for pair in pairs])
        for name, pairs in (("a", A), ("b", B))
    )
    text = text_of(a, b)
    assert "No verdict changed" in text
    assert "12 labels and 0 descriptions changed their category" in text
    assert "Nothing can be called right or wrong on both sides, so there are no tests" in text
    assert "McNemar" not in text


def test_models_of_one_side_are_named_with_the_option_that_pairs_them(tmp_path: Path, a: Path) -> None:
    folders = [
        write_side(tmp_path / folder, [*A, *(replace(pair, model=model) for pair in A)])
        for folder, model in (("c", "old"), ("d", "new"))
    ]
    text = text_of(*folders)
    assert "Not compared, because only A has it: old" in text
    assert "Not compared, because only B has it: new; --model-map OLD=NEW pairs one of A with one of B" in text
    assert "--model-map" not in text_of(a, folders[0])
