"""Every format gives the corpus that one would write by hand, and the same verdicts."""

import re
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import pytest

import descan
from descan.corpus import Corpus, read_corpus
from descan.corpus.importing import import_logs, read_logs
from tests.corpus.importing import logs
from tests.loading import load_answers

NO_STATUS = ("failed", "truncated", "blocked", "refused")
ANALYSIS: dict[str, Any] = {"embedder": "none", "report": False, "map": False, "workers": False}


class Case(NamedTuple):
    """A format: what writes it, which statuses it has no words for, and what the user says."""

    name: str
    write: logs.Write
    unknown: tuple[str, ...]
    options: dict[str, Any]
    model: str = logs.MODEL
    modes: tuple[str, ...] = ("describe", "classify")


PARTED = {"prompt_contains": logs.PARTED}
BY_ID = {"id_pattern": "(?P<item>.+)--(?P<mode>.+)", "gold_column": "gold"}
CASES = {
    "lmms-eval": Case("lmms-eval", logs.write_lmms_eval, NO_STATUS, PARTED),
    "VLMEvalKit as .xlsx": Case(
        "vlmevalkit", partial(logs.write_vlmevalkit, suffix=".xlsx"), NO_STATUS[1:], PARTED, "model-7b"
    ),
    "VLMEvalKit as .tsv": Case(
        "vlmevalkit", partial(logs.write_vlmevalkit, suffix=".tsv"), NO_STATUS[1:], PARTED, "model-7b"
    ),
    "VLMEvalKit as .json": Case(
        "vlmevalkit", partial(logs.write_vlmevalkit, suffix=".json"), NO_STATUS[1:], PARTED, "model-7b"
    ),
    "OpenAI, modes by id": Case("openai-batch", logs.write_openai_batch, (), BY_ID),
    "OpenAI, modes by prompt": Case(
        "openai-batch", logs.write_openai_batch, (), {**PARTED, "id_column": "face", "gold_column": "gold"}
    ),
    "OpenAI, Responses": Case("openai-batch", partial(logs.write_openai_batch, api="responses"), (), BY_ID),
    "Gemini": Case("gemini-batch", logs.write_gemini_batch, ("refused",), {**PARTED, "id_pattern": "(.+)--.+"}),
    "Vertex AI": Case("gemini-batch", logs.write_vertex_batch, ("refused",), {**PARTED, "id_pattern": ".*/(.+)"}),
    "LLaVA conversations": Case("llava", logs.write_llava, NO_STATUS, {**PARTED, "model": logs.MODEL}),
    "LLaVA answers": Case("llava", logs.write_llava_answers, NO_STATUS, {**PARTED, "gold_column": "metadata.gold"}),
    "ShareGPT": Case(
        "llava",
        logs.write_sharegpt,
        NO_STATUS,
        {**PARTED, "model": logs.MODEL, "id_pattern": r".*/(.+)\.png"},
    ),
    "Label Studio": Case(
        "label-studio", logs.write_label_studio, (*NO_STATUS, "empty"), {"gold_column": "gold"}, "annotator 1"
    ),
    "Label Studio as JSON-MIN": Case(
        "label-studio",
        logs.write_label_studio_min,
        (*NO_STATUS, "empty"),
        {"text_column": "description", "label_column": "emotion", "gold_column": "gold"},
        "annotator 1",
    ),
    "Label Studio as CSV": Case(
        "label-studio",
        logs.write_label_studio_csv,
        (*NO_STATUS, "empty"),
        {"text_column": "description", "label_column": "emotion", "gold_column": "gold"},
        "annotator 1",
    ),
    "MER-Factory": Case("mer-factory", logs.write_mer_factory, NO_STATUS, {"model": logs.MODEL}, modes=("describe",)),
}


def expected_answers(case: Case) -> list[logs.Said]:
    said = logs.make_answers()
    return [each for each in logs.without(said, *case.unknown) if each.mode in case.modes]


def number(item_id: str) -> int:
    """Return the number of an item: some formats have only numbers as ids."""
    found = re.search(r"\d+", item_id)
    assert found
    return int(found[0])


def content_of(corpus: Corpus, *, with_gold: bool = True) -> list[tuple[object, ...]]:
    gold = {item_id: item.gold for item_id, item in corpus.items.items()} if with_gold else {}
    return sorted(
        (number(answer.item_id), answer.mode, answer.model, answer.status, answer.text, gold.get(answer.item_id))
        for answer in load_answers(corpus)
    )


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_log_gives_the_corpus_that_one_would_write_by_hand(case: Case, tmp_path: Path) -> None:
    said = expected_answers(case)
    plain = read_corpus(logs.write_plain(tmp_path / "plain", said, case.model))
    has_gold = case.name != "gemini-batch"
    paths = case.write(tmp_path, said)
    result = import_logs(*paths, out=tmp_path / "corpus", **case.options)
    assert result.gathered.logs.log_format.name == case.name
    assert result.n_added == len(said)
    assert content_of(read_corpus(tmp_path / "corpus"), with_gold=has_gold) == content_of(plain, with_gold=has_gold)
    again = import_logs(*paths, out=tmp_path / "corpus", format=case.name, **case.options)
    assert (again.n_added, again.n_there, again.n_differing) == (0, len(said), 0)
    assert content_of(read_logs(*paths, **case.options), with_gold=has_gold) == content_of(plain, with_gold=has_gold)


def verdicts_of(corpus: Corpus | Path, out: Path) -> list[tuple[object, ...]]:
    descan.analyze(corpus, out, **ANALYSIS)
    rows = pq.read_table(out / "verdicts.parquet").to_pylist()
    columns = ("gold", "label", "described", "verdict", "detail", "evidence")
    return sorted((number(row["item_id"]), *(str(row[column]) for column in columns)) for row in rows)


@pytest.mark.parametrize("name", ["lmms-eval", "VLMEvalKit as .xlsx", "OpenAI, modes by id", "LLaVA conversations"])
def test_a_log_is_analyzed_like_the_plain_corpus(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    said = expected_answers(case)
    plain = logs.write_plain(tmp_path / "plain", said, case.model)
    paths = case.write(tmp_path, said)
    import_logs(*paths, out=tmp_path / "corpus", **case.options)
    expected = verdicts_of(plain, tmp_path / "of-plain")
    assert verdicts_of(tmp_path / "corpus", tmp_path / "of-corpus") == expected
    assert verdicts_of(read_logs(*paths, **case.options), tmp_path / "of-logs") == expected
    assert {row[4] for row in expected} > {"unscored", "right"}
