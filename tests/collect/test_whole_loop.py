"""From pictures to verdicts: `descan collect` asks models of known failures, and `descan analyze` finds them."""

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from benchmarks.emotions import Emotion
from descan.analysis import AnalyzeOptions, analyze
from descan.corpus import read_corpus
from tests.collect.collectors import Collectors, draw_pictures, server_environment
from tests.vlm_server import Describer, Outcome, Part, Script, VlmServer
from tests.vlm_server.exchange import ModelRequest

pytestmark = pytest.mark.slow

Found = tuple[Describer, dict[tuple[str, str], dict[str, Any]]]

MODELS = ("gpt-4o-2024-11-20", "gemini-2.5-flash")
N_PICTURES = 56
"""Each category has at most eight outcomes, so each occurs with each category that can have it."""


def collect_and_analyze(folder: Path) -> Found:
    """Return what was laid down, and the verdicts by model and picture."""
    pictures = draw_pictures(folder / "pictures", N_PICTURES)
    hashes = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(pictures.glob("*/*"))}
    describer = Describer.deal(MODELS, {sha256: Emotion(path.parent.name) for path, sha256 in hashes.items()})
    models = [part for model in zip(("openai", "gemini"), MODELS, strict=True) for part in ("--model", ":".join(model))]
    with VlmServer(Script(describer)) as server:
        collectors = Collectors(server_environment(server), folder / "log.txt")
        exit_code = collectors.run(pictures, "--out", folder / "corpus", *models)
        assert exit_code == 0, (folder / "log.txt").read_text()
        assert server.violations == []
        assert server.counts.n_paid == 2 * len(MODELS) * N_PICTURES
    analyze(read_corpus(folder / "corpus"), folder / "analysis", AnalyzeOptions(embedder="none"))
    names = {path.relative_to(pictures).as_posix(): sha256 for path, sha256 in hashes.items()}
    rows = pq.read_table(folder / "analysis" / "verdicts.parquet").to_pylist()
    return describer, {(row["model"], names[row["item_id"]]): row for row in rows}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    return collect_and_analyze(tmp_path_factory.mktemp("loop"))


def test_each_verdict_is_the_one_that_was_laid_down(found: Found) -> None:
    describer, rows = found
    expected = {key: (part.outcome.verdict, part.outcome.detail) for key, part in describer.parts.items()}
    assert {key: (row["verdict"], row["detail"] or "") for key, row in rows.items()} == expected


def test_each_description_and_label_is_read_as_it_was_meant(found: Found) -> None:
    describer, rows = found
    for key, part in describer.parts.items():
        assert (rows[key]["gold"], rows[key]["described"], rows[key]["label"]) == meant_by(part)


def test_every_outcome_was_tried_with_every_category_that_can_have_it(found: Found) -> None:
    describer, _ = found
    tried = Counter((part.outcome, part.gold) for part in describer.parts.values())
    impossible = {(Outcome.FELL_BACK_TO_NEUTRAL, Emotion.NEUTRAL), (Outcome.NEAR_MISS, Emotion.HAPPY)}
    assert set(tried) == {(outcome, gold) for outcome in Outcome for gold in Emotion} - impossible


def answer_contempt(request: ModelRequest) -> str:
    return "Contempt" if "Contempt" in request.prompt else "A scornful smirk."


def test_a_corpus_with_contempt_is_collected_and_analyzed_by_its_set(tmp_path: Path) -> None:
    pictures = draw_pictures(tmp_path / "pictures", 7)
    (pictures / "Anger").rename(pictures / "contemptuous")
    with VlmServer(Script(answer_contempt)) as server:
        collectors = Collectors(server_environment(server), tmp_path / "log.txt")
        command = (pictures, "--out", tmp_path / "corpus", "--model", f"openai:{MODELS[0]}")
        assert collectors.run(*command, "--categories", "basic8") == 0, (tmp_path / "log.txt").read_text()
        assert collectors.run(*command) == 0, "a later call takes the set from the corpus"
        assert server.counts.n_paid == 2 * 7
    corpus = read_corpus(tmp_path / "corpus")
    assert corpus.categories.name == "basic8"
    assert "Anger, Contempt, Disgust" in corpus.prompts["classify"]
    analyze(corpus, tmp_path / "analysis", AnalyzeOptions(embedder="none", report=None))
    rows = pq.read_table(tmp_path / "analysis" / "verdicts.parquet").to_pylist()
    assert {(row["label"], row["described"]) for row in rows} == {("Contempt", "Contempt")}
    assert [row["verdict"] for row in rows if row["gold"] == "Contempt"] == ["right"]


def meant_by(part: Part) -> tuple[Emotion, str | None, Emotion | None]:
    if part.outcome is Outcome.REFUSED:
        return part.gold, None, None
    return part.gold, part.described or "Undecided", part.label
