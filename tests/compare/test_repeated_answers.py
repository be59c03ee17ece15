"""An item weighs as much as any other, however often a model was asked about it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.emotions import Emotion
from descan.compare import CompareOptions
from tests.compare.conftest import Analysis

CATEGORIES = [str(emotion) for emotion in Emotion]

OF_ANSWERS = {
    *("answers", "off_list", "latency", "cost"),  # Every answer and reply.
    *("repeats", "variance", "discordance"),  # How far repeats agree.
    *(
        "actions",
        "actions_by_gold",
        "regions",
        "regions_by_gold",
        "terms",
        "categories",
        "detail",
    ),  # Every description.
}
"""Tables that count answers, not items."""


def build(folder: Path, times: Callable[[int], int]) -> dict[str, str]:
    """Analyze a corpus in which item n is answered `times(n)` times with the same words; return the tables by name."""
    folder.mkdir()
    analysis = Analysis(folder)
    generator = np.random.default_rng(5)
    for number in range(48):
        gold = CATEGORIES[generator.integers(7)] if number % 11 else None
        votes = {category: int(generator.integers(1, 3)) for category in generator.choice(CATEGORIES, 2, replace=False)}
        analysis.item(str(number), gold, f"g{number // 3}" if number < 30 else None, annotated=votes)
        for model in ("a", "b", "c"):
            guess = gold or "Happy"
            described, label, other = (
                guess if generator.random() < 0.4 else CATEGORIES[generator.integers(7)] for _ in range(3)
            )
            described = "Undecided" if generator.random() < 0.1 else described
            is_refused, is_unparsed = generator.random(2) < 0.1
            score = round(float(generator.uniform(0.2, 1)), 6)
            for repeat in range(times(number)):
                analysis.describe(
                    str(number),
                    described,
                    model=model,
                    repeat=repeat,
                    refused=bool(is_refused),
                    scores={} if described == "Undecided" else {described: score, "Fear": 1 - score},
                )
                analysis.mention(str(number), "emotion", "glad", model=model, repeat=repeat, category=described)
                analysis.label(
                    str(number),
                    None if is_unparsed else label,
                    "unparsed" if is_unparsed else "",
                    model=model,
                    repeat=repeat,
                )
                analysis.label(str(number), other, model=model, mode="two_stage", repeat=repeat)
    analysis.compare(CompareOptions(n_resamples=100))
    tables = {path.stem: path.read_text(encoding="utf-8") for path in (folder / "tables").iterdir()}
    verdicts = pd.DataFrame(analysis.verdicts()).drop(columns=["repeat", "label_repeat"])
    weights = verdicts.groupby([name for name in verdicts if name != "weight"], dropna=False)["weight"].sum()
    return tables | {"verdicts.parquet": weights.round(9).to_csv()}


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return build(tmp_path_factory.mktemp("once") / "analysis", lambda _: 1)


@pytest.mark.parametrize("times", [lambda _: 2, lambda _: 3, lambda number: 1 + number % 3], ids=["2", "3", "1 to 3"])
def test_an_item_whose_answers_are_repeated_word_for_word_counts_no_more(
    once: dict[str, str], tmp_path: Path, times: Callable[[int], int]
) -> None:
    repeated = build(tmp_path / "analysis", times)
    changed = {name for name in once if once[name] != repeated[name]}
    assert changed <= OF_ANSWERS
    assert {"answers", "repeats", "detail"} <= changed
