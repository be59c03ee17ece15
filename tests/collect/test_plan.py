"""The plan: what is there, what is left, and what it takes."""

import asyncio
from pathlib import Path
from typing import get_args

import pytest

from descan.collect.providers import Providers
from descan.collect.providers.access import SERVICES
from descan.collect.providers.model_settings import ModelSettings, ProviderName
from descan.collect.questions.plan import MIN_OWN, Estimator
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


# 80 words of 5 characters are 400 characters, so 100 tokens. A label is 4 tokens.
@pytest.mark.parametrize(
    ("provider", "size", "settings", "n_input"),
    [
        ("openai", (500, 500), {}, 100 + 85 + 170 * 1),
        ("openai", (500, 500), {"detail": "low"}, 100 + 85),
        # 1024 x 1024 has a shorter side of 1024, so it becomes 768 x 768: 2 x 2 tiles of 512.
        ("openai", (1024, 1024), {}, 100 + 85 + 170 * 4),
        # 4096 x 2048 fits into 2048 as 2048 x 1024, then becomes 1536 x 768: 3 x 2 tiles.
        ("openai", (4096, 2048), {}, 100 + 85 + 170 * 6),
        ("openai", (1024, 1024), {"max_side": 512}, 100 + 85 + 170 * 1),
        ("gemini", (384, 200), {}, 100 + 258),
        # 1000 x 700 has 2 x 1 tiles of 768.
        ("gemini", (1000, 700), {}, 100 + 2 * 258),
    ],
)
def test_tokens_of_a_picture_follow_the_rules_of_its_provider(
    tmp_path: Path, provider: str, size: tuple[int, int], settings: dict[str, object], n_input: int
) -> None:
    model = ModelSettings.model_validate({"provider": provider, "model": "m", "thinking": 0, **settings})
    estimate = estimator(tmp_path, *size).estimate(model, PROMPT, None)
    assert (estimate.input_tokens, estimate.output_tokens, estimate.basis) == (n_input, 4, "rules")


@pytest.mark.parametrize("name", get_args(ProviderName))
def test_every_provider_has_all_that_a_run_needs(tmp_path: Path, name: ProviderName) -> None:
    settings, service = ModelSettings(provider=name, model="nobody-knows-it"), SERVICES[name]
    estimate = estimator(tmp_path, 9, 9).estimate(settings, PROMPT, None)
    assert (estimate.input_tokens > 100, estimate.cost_usd) == (True, None)

    async def use() -> bool:
        async with Providers([settings], {service.key_envs[0]: "key"}) as providers:
            return providers.get(settings).batches is None

    assert asyncio.run(use()) is bool(service.no_batches)


def test_two_stages_send_the_picture_twice_and_may_think_twice(tmp_path: Path) -> None:
    model = ModelSettings(provider="gemini", model="m", thinking=50)
    estimate = estimator(tmp_path, 100, 100).estimate(model, TWICE, None)
    # 400 and 200 characters are 150 tokens; two pictures; 8 tokens of answers and 2 x 50 of thought.
    assert (estimate.n_requests, estimate.input_tokens, estimate.output_tokens) == (2, 150 + 2 * 258, 108)
    short = estimator(tmp_path, 100, 100).estimate(model.model_copy(update={"max_tokens": 20}), TWICE, None)
    assert short.output_tokens == 40


def test_answers_of_the_corpus_itself_are_the_better_base(tmp_path: Path) -> None:
    model = ModelSettings(provider="openai", model="gpt-4o-2024-11-20")
    usage = Usage()
    cells = {"input_tokens": 200, "output_tokens": 10, "thinking_tokens": 30}
    for _ in range(MIN_OWN):
        assert estimator(tmp_path, 9, 9).estimate(model, PROMPT, usage).basis == "rules"
        usage.add(cells)
        usage.add({**cells, "input_tokens": 10**6, "copied_from": "another"})
    estimate = estimator(tmp_path, 9, 9).estimate(model, PROMPT, usage)
    assert (estimate.input_tokens, estimate.output_tokens, estimate.basis) == (200, 40, "answers")
    assert estimate.cost_usd is not None
    assert estimate.cost_usd > 0


def test_an_unknown_model_has_no_price(tmp_path: Path) -> None:
    model = ModelSettings(provider="openai", model="nobody-knows-it")
    assert estimator(tmp_path, 9, 9).estimate(model, PROMPT, None).cost_usd is None


def test_a_dry_run_shows_the_plan_without_keys_and_writes_nothing(
    collect: Collect, faces: Path, tmp_path: Path
) -> None:
    outcome = collect(faces, "--out", tmp_path / "corpus", *MODELS, "--repeats", 3, "--dry-run")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("Plan: 14 items x 2 models x 2 modes (describe, classify) x 3 repeats\n")
    # 14 items x 2 modes x 3 repeats are 84 answers.
    assert ["gpt-4o-2024-11-20", "0", "84", "84"] in [line.split()[:4] for line in outcome.out.splitlines()]
    assert "gemini-2.5-flash: tokens are estimated by rules for pictures and words." in outcome.out
    assert list(tmp_path.iterdir()) == [faces]


def test_the_plan_counts_what_is_there(collect: Collect, tmp_path: Path) -> None:
    faces, out = draw_pictures(tmp_path / "faces", 14), tmp_path / "corpus"
    with VlmServer() as server:
        assert (
            collect(faces, "--out", out, *MODELS, *LISTED, "--mode", "classify", "--limit", 7, server=server).code == 0
        )
    before = (out / "answers.jsonl").read_bytes()
    outcome = collect(faces, "--out", out, *MODELS, *LISTED, "--mode", "classify", "--mode", "two_stage", "--dry-run")
    lines = [line.split()[:4] for line in outcome.out.splitlines()]
    # 7 of 14 labels are there; 7 labels and 14 answers of up to two requests are left.
    assert ["gpt-4o-2024-11-20", "7", "21", "35"] in lines
    assert "gpt-4o-2024-11-20: tokens are estimated by its answers here, and rules." in outcome.out
    assert "The corpus has cost" in outcome.out
    assert (out / "answers.jsonl").read_bytes() == before
    assert len(read_lines(out / "answers.jsonl")) == 14


def test_a_dry_run_passes_over_a_torn_line(collect: Collect, tmp_path: Path) -> None:
    faces, out = draw_pictures(tmp_path / "faces", 7), tmp_path / "corpus"
    with VlmServer() as server:
        collect(faces, "--out", out, *MODELS[:2], "--mode", "classify", server=server)
    content = (out / "answers.jsonl").read_bytes()[:-9]
    (out / "answers.jsonl").write_bytes(content)
    outcome = collect("--resume", "--out", out, "--dry-run")
    assert ["gpt-4o-2024-11-20", "6", "1", "1"] in [line.split()[:4] for line in outcome.out.splitlines()]
    assert (out / "answers.jsonl").read_bytes() == content
