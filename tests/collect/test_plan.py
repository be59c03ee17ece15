"""The plan: what is there, what is left, and what it takes."""

import asyncio
from pathlib import Path
from typing import get_args

import pytest

from descan.collect.providers import Providers
from descan.collect.providers.access import SERVICES
from descan.collect.providers.model_settings import ModelSettings, ProviderName
from descan.collect.questions.estimates import MIN_OWN, Estimator
from descan.collect.questions.prompts import Prompt
from descan.collect.sources.media_loading import MediaLoader
from descan.collect.sources.source_items import SourceItem
from descan.collect.store.existing_answers import Usage
from descan.records import Mode
from tests.collect.collectors import LISTED, MODELS, draw_pictures, read_lines
from tests.collect.conftest import Collect
from tests.vlm_server import VlmServer

PROMPT = Prompt(Mode.CLASSIFY, ("word " * 80,), "test")
TWICE = Prompt(Mode.TWO_STAGE, ("word " * 80, "word " * 40), "test")


def estimator(tmp_path: Path, width: int, height: int) -> Estimator:
    from PIL import Image

    path = tmp_path / "a.png"
    Image.new("L", (width, height)).save(path)
    return Estimator([SourceItem("a", path)], MediaLoader())


@pytest.mark.parametrize("name", get_args(ProviderName))
def test_every_provider_has_all_that_a_run_needs(tmp_path: Path, name: ProviderName) -> None:
    settings, service = ModelSettings(provider=name, model="nobody-knows-it"), SERVICES[name]
    estimate = estimator(tmp_path, 9, 9).estimate(settings, PROMPT, None)
    assert (estimate.low.input_tokens > 100, estimate.high.cost_usd) == (True, None)

    async def use() -> bool:
        async with Providers([settings], {service.key_envs[0]: "key"}) as providers:
            return providers.get(settings).batches is None

    assert asyncio.run(use()) is bool(service.no_batches)


def test_two_stages_send_the_picture_twice_and_may_think_twice(tmp_path: Path) -> None:
    model = ModelSettings(provider="gemini", model="gemini-2.5-flash", thinking=50)
    estimate = estimator(tmp_path, 100, 100).estimate(model, TWICE, None)
    # 400 and 200 characters are about 150 tokens; two pictures of 258; 32 tokens of answers and 2 x 50 of thought.
    assert estimate.n_requests == 2
    assert estimate.low.input_tokens <= 150 + 2 * 258 <= estimate.high.input_tokens
    assert (estimate.low.output_tokens, estimate.high.output_tokens) == (2, 132)
    # The limit of a request holds for thinking and text together.
    short = estimator(tmp_path, 100, 100).estimate(model.model_copy(update={"max_tokens": 20}), TWICE, None)
    assert short.high.output_tokens == 40


def test_answers_of_the_corpus_itself_are_the_better_base(tmp_path: Path) -> None:
    model = ModelSettings(provider="openai", model="gpt-4o-2024-11-20")
    usage = Usage()
    cells = {"input_tokens": 200, "output_tokens": 10, "thinking_tokens": 30}
    for _ in range(MIN_OWN):
        assert estimator(tmp_path, 9, 9).estimate(model, PROMPT, usage).basis == "rules"
        usage.add(cells)
        usage.add({**cells, "input_tokens": 10**6, "copied_from": "another"})
    estimate = estimator(tmp_path, 9, 9).estimate(model, PROMPT, usage)
    # All alike, so both ends are their mean: 200 in, 10 + 30 out.
    assert estimate.low == estimate.high
    assert (estimate.low.input_tokens, estimate.low.output_tokens, estimate.basis) == (200, 40, "answers")
    assert estimate.low.cost_usd is not None
    assert estimate.low.cost_usd > 0


def test_the_range_of_a_mean_is_wider_where_answers_differ_and_few_are_left(tmp_path: Path) -> None:
    model = ModelSettings(provider="openai", model="gpt-4o-2024-11-20")
    usage = Usage()
    for n_out in (10, 30) * 8:
        usage.add({"input_tokens": 200, "output_tokens": n_out})
    many = estimator(tmp_path, 9, 9).estimate(model, PROMPT, usage, n_left=10**9)
    # Mean 20; variance 16 x 100 / 15 = 106.7; standard error sqrt(106.7 / 16) = 2.582; two of them on each side.
    assert many.low.output_tokens == pytest.approx(20 - 2 * 2.582, abs=0.001)
    assert many.high.output_tokens == pytest.approx(20 + 2 * 2.582, abs=0.001)
    few = estimator(tmp_path, 9, 9).estimate(model, PROMPT, usage, n_left=1)
    assert few.high.output_tokens > many.high.output_tokens + 10


def test_an_unknown_model_has_no_price(tmp_path: Path) -> None:
    model = ModelSettings(provider="openai", model="nobody-knows-it")
    assert estimator(tmp_path, 9, 9).estimate(model, PROMPT, None).high.cost_usd is None


def test_a_dry_run_shows_the_plan_without_keys_and_writes_nothing(
    collect: Collect, faces: Path, tmp_path: Path
) -> None:
    outcome = collect(faces, "--out", tmp_path / "corpus", *MODELS, "--repeats", 3, "--dry-run")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("Plan: 14 items x 2 models x 2 modes (describe, classify) x 3 repeats\n")
    # 14 items x 2 modes x 3 repeats are 84 answers.
    assert ["gpt-4o-2024-11-20", "0", "84", "84"] in [line.split()[:4] for line in outcome.out.splitlines()]
    assert "gemini-2.5-flash: tokens are estimated by rules for pictures, words and thinking." in outcome.out
    assert list(tmp_path.iterdir()) == [faces]


def test_a_dry_run_ends_as_the_run_would_where_a_bound_cannot_be_kept(
    collect: Collect, faces: Path, tmp_path: Path
) -> None:
    arguments = (faces, "--out", tmp_path / "corpus", "--model", "openai:gpt-7", "--max-cost", 1)
    with VlmServer() as server:
        dry, run = collect(*arguments, "--dry-run", server=server), collect(*arguments, server=server)
        assert server.counts.n_requests == 0
    assert (dry.code, dry.err, dry.out) == (run.code, run.err, run.out)
    assert dry.err.startswith("descan: --max-cost cannot be kept: the price of gpt-7 is unknown; limit the requests, ")
    assert (dry.code, dry.out.partition(" x ")[0]) == (1, "Plan: 14 items")


def test_the_plan_counts_what_is_there(collect: Collect, tmp_path: Path) -> None:
    faces, out = draw_pictures(tmp_path / "faces", 14), tmp_path / "corpus"
    with VlmServer() as server:
        assert (
            collect(faces, "--out", out, *MODELS, *LISTED, "--mode", "classify", "--limit", 10, server=server).code == 0
        )
    before = (out / "answers.jsonl").read_bytes()
    outcome = collect(faces, "--out", out, *MODELS, *LISTED, "--mode", "classify", "--mode", "two_stage", "--dry-run")
    lines = [line.split()[:4] for line in outcome.out.splitlines()]
    # 10 of 14 labels are there; 4 labels and 14 answers of up to two requests are left.
    assert ["gpt-4o-2024-11-20", "10", "18", "32"] in lines
    assert "gpt-4o-2024-11-20: tokens are estimated by its answers here, and rules." in outcome.out
    assert "The corpus has cost" in outcome.out
    assert (out / "answers.jsonl").read_bytes() == before
    assert len(read_lines(out / "answers.jsonl")) == 20


def test_a_dry_run_passes_over_a_torn_line(collect: Collect, tmp_path: Path) -> None:
    faces, out = draw_pictures(tmp_path / "faces", 7), tmp_path / "corpus"
    with VlmServer() as server:
        collect(faces, "--out", out, *MODELS[:2], "--mode", "classify", server=server)
    content = (out / "answers.jsonl").read_bytes()[:-9]
    (out / "answers.jsonl").write_bytes(content)
    outcome = collect("--resume", "--out", out, "--dry-run")
    assert ["gpt-4o-2024-11-20", "6", "1", "1"] in [line.split()[:4] for line in outcome.out.splitlines()]
    assert (out / "answers.jsonl").read_bytes() == content
