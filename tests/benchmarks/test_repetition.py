"""Corpora of any size, made from one."""

import re
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.repetition import MIN_WORDS, repeat_corpus
from descan.corpus import read_corpus
from tests.loading import load_answers


@pytest.mark.parametrize("n_answers", [1, 7, 343, 800])
def test_a_repeated_corpus_is_valid_and_has_as_many_answers_as_asked_for(
    sample_corpus: Path, tmp_path: Path, n_answers: int
) -> None:
    repeat_corpus(sample_corpus, tmp_path / "many", n_answers)
    lines = (tmp_path / "many" / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == n_answers
    corpus = read_corpus(tmp_path / "many")
    assert len(load_answers(corpus)) == n_answers


def test_no_text_of_a_repeated_corpus_is_there_twice_but_short_ones(sample_corpus: Path, tmp_path: Path) -> None:
    repeat_corpus(sample_corpus, tmp_path / "many", 1500)
    corpus = read_corpus(tmp_path / "many")
    n_times = Counter(answer.text for answer in load_answers(corpus))
    twice = [text for text, n in n_times.items() if n > 1]
    assert twice
    assert all(len(re.findall(r"\b[a-z]{4,}\b", text)) < MIN_WORDS for text in twice)


def test_every_copy_has_fresh_items_and_groups(sample_corpus: Path, tmp_path: Path) -> None:
    repeat_corpus(sample_corpus, tmp_path / "many", 3 * 343)
    items = (tmp_path / "many" / "items.csv").read_text(encoding="utf-8").splitlines()[1:]
    # 58 items in 29 clips of two each, three times.
    assert len(items) == len({item.split(",")[0] for item in items}) == 3 * 58
    assert set(Counter(item.split(",")[2] for item in items).values()) == {2}


def test_the_same_seed_gives_the_same_corpus(sample_corpus: Path, tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("same", 1), ("other", 2)):
        repeat_corpus(sample_corpus, tmp_path / name, 800, seed)
    one, same, other = ((tmp_path / name / "answers.jsonl").read_bytes() for name in ("one", "same", "other"))
    assert one == same != other
