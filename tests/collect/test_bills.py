"""Plans against bills: usage as the documentation of each family gives it lies within the range of the plan."""

import io
from pathlib import Path

import pytest
from PIL import Image

from descan.collect.providers.model_settings import ModelSettings, ProviderName
from descan.collect.questions.capabilities import find_family, load_capabilities
from descan.collect.questions.estimates import Estimator, Use
from descan.collect.questions.pricing import compute_cost
from descan.collect.questions.prompts import Prompt, load_prompts
from descan.collect.sources.media_loading import MediaLoader
from descan.collect.sources.source_items import SourceItem
from descan.lexicon import load_category_set
from descan.records import Mode
from tests.collect.collectors import LISTED, draw_pictures, read_lines
from tests.collect.conftest import Collect
from tests.collect.provider_cases import ask
from tests.collect.test_video import write_clip
from tests.vlm_server import Generated, ModelRequest, Script, VlmServer

TEXT = "Her brows are drawn together and the corners of her mouth point down. " * 8
N_FRAME = 9
"""Tokens that a service adds to a request: the roles of its messages."""

RESPONSES = {"api": "responses"}
OWN_PRICES = {"list_price": False, "price_in": 2.0, "price_out": 12.0}

# By model and size of the picture: its tokens as documented or reported, and tokens of thinking that are usual.
BILLS = [
    # Tiles: 1024 x 1024 becomes 768 x 768, 2 x 2 tiles.
    ("gpt-4o-2024-11-20", 1024, {}, 85 + 4 * 170, 0),
    ("gpt-4o-2024-11-20", 1024, {"detail": "low"}, 85, 0),
    ("gpt-4o-mini", 1024, {}, 2833 + 4 * 5667, 0),
    ("gpt-4.1", 1024, {}, 85 + 4 * 170, 0),
    ("gpt-4-turbo", 512, {}, 85 + 170, 0),
    ("gpt-5.1", 1024, {}, 70 + 4 * 140, 0),
    ("gpt-5.1", 1024, {"thinking": "low"}, 70 + 4 * 140, 320),
    ("gpt-5", 1024, {}, 70 + 4 * 140, 832),
    ("gpt-5", 1024, {"detail": "low", "thinking": "minimal"}, 70, 0),
    ("o3", 1024, {}, 75 + 4 * 150, 576),
    ("o1", 1024, {"thinking": "high"}, 75 + 4 * 150, 1920),
    ("o1-pro", 1024, RESPONSES, 75 + 4 * 150, 2300),
    ("o3-pro", 1024, RESPONSES, 75 + 4 * 150, 1400),
    ("gpt-5-pro", 1024, RESPONSES, 70 + 4 * 140, 4100),
    ("gpt-5-codex", 1024, RESPONSES, 70 + 4 * 140, 512),
    ("gpt-5.1-codex", 1024, RESPONSES, 70 + 4 * 140, 320),
    ("gpt-5.1-codex-max", 1024, {**RESPONSES, "thinking": "xhigh"}, 70 + 4 * 140, 2600),
    # Patches: 32 x 32 of them.
    ("gpt-4.1-mini", 1024, {}, 1659, 0),
    ("gpt-4.1-nano", 1024, {}, 2520, 0),
    ("o4-mini", 1024, {}, 1762, 448),
    ("gpt-5-mini", 1024, {}, 1659, 704),
    ("gpt-5-mini", 1024, {}, 1229, 192),
    ("gpt-5-mini", 1024, {"thinking": "minimal"}, 1229, 0),
    ("gpt-5-nano", 1024, {}, 1536, 1024),
    ("gpt-5.2", 1024, {}, 1229, 0),
    ("gpt-5.2-pro", 1024, RESPONSES, 1229, 2100),
    ("gpt-5.3-codex", 1024, RESPONSES, 1229, 450),
    ("gpt-5.4-mini", 384, {}, 173, 0),
    ("gpt-5.4", 1024, {}, 1229, 0),
    # 64 x 64 patches; the high detail has 50 x 50 at most.
    ("gpt-5.4", 2048, {"detail": "high"}, 3000, 0),
    ("gpt-5.4", 2048, {"detail": "original"}, 4915, 0),
    ("gpt-5.4", 1024, {"thinking": "low"}, 1229, 260),
    ("gpt-5.4-nano", 1024, {"thinking": "high"}, 1229, 900),
    ("gpt-5.4-pro", 1024, RESPONSES, 1229, 2100),
    ("gpt-5.5", 2048, {}, 4915, 640),
    ("gpt-5.5-pro", 2048, RESPONSES, 4915, 2900),
    ("gpt-5.6-sol", 2048, {}, 4915, 640),
    ("gpt-5.6-sol", 1024, {"thinking": "none"}, 1229, 0),
    ("gpt-6-luna", 1024, {}, 1229, 380),
    ("gpt-6-luna", 1024, {"api": "responses"}, 1229, 380),
    ("gpt-6.1-terra", 640, {"detail": "original"}, 480, 900),
    ("gpt-6-sol", 1024, {"thinking": "none"}, 1229, 0),
    ("gpt-6-astra", 1024, {}, 1229, 1100),
    ("gpt-6-astra", 2048, {"detail": "high", **RESPONSES}, 3000, 1100),
    ("gpt-6.1-sol", 2048, {}, 4915, 700),
    # Not in the price list, so these have prices of their own.
    ("gpt-6.2-sol", 1024, {**OWN_PRICES, "price_cache_write": 2.5, "price_cache_read": 0.2}, 1229, 700),
    ("gpt-6.2-astra", 2048, OWN_PRICES, 4915, 2100),
    # These take no pictures: what they are asked about is a text.
    ("o1-mini", 0, {}, 0, 640),
    ("o3-mini", 0, {"thinking": "low"}, 0, 128),
    # Gemma 3: 256 a picture. The Gemini API takes nothing for it.
    ("gemma-3-27b-it", 1024, {}, 256, 0),
    # Gemini 2: 258 a crop; thinking is not part of the output, and left to itself about 700.
    ("gemini-2.0-flash", 224, {}, 258, 0),
    ("gemini-2.0-flash", 1024, {"media_resolution": "high"}, 4 * 258, 0),
    ("gemini-2.0-flash-lite", 1024, {"media_resolution": "low"}, 64, 0),
    ("gemini-2.5-flash", 224, {}, 258, 690),
    ("gemini-2.5-flash", 1024, {}, 4 * 258, 690),
    ("gemini-2.5-flash", 1024, {"thinking": 0}, 258, 0),
    ("gemini-2.5-pro", 1024, {}, 258, 1340),
    ("gemini-2.5-flash-lite", 1024, {}, 258, 0),
    # Gemini 3: up to 1,120 a picture.
    ("gemini-3-flash-preview", 1024, {}, 1090, 1100),
    ("gemini-3-flash-preview", 1024, {"media_resolution": "low"}, 264, 300),
    ("gemini-3-pro-preview", 1024, {}, 1100, 1500),
    ("gemini-3.1-pro-preview", 1024, {"media_resolution": "medium"}, 540, 1500),
    ("gemini-3.1-flash-lite", 1024, {}, 1090, 0),
    ("gemini-3-flash-lite", 1024, OWN_PRICES, 1090, 0),
    ("gemini-3.5-flash-lite", 1024, {}, 1090, 0),
    ("gemini-3.5-flash-lite", 1024, {"thinking": "high"}, 1090, 1100),
    ("gemini-3.5-flash", 1024, {"media_resolution": "medium"}, 540, 700),
    ("gemini-3.6-flash", 1024, {}, 1090, 700),
    ("gemini-3.7-flash", 1024, {}, 1090, 700),
    ("gemini-4-argon", 1024, {}, 1090, 700),
    ("gemini-3.8-flash", 224, {"thinking": "low"}, 1120, 150),
]


@pytest.mark.parametrize("mode", [Mode.DESCRIBE, Mode.CLASSIFY])
@pytest.mark.parametrize(("name", "side", "changes", "n_picture", "n_thinking"), BILLS)
def test_the_bill_lies_within_the_range_of_the_plan(
    tmp_path: Path, name: str, side: int, changes: dict[str, object], n_picture: int, n_thinking: int, mode: Mode
) -> None:
    provider = provider_of(name)
    settings = ModelSettings.model_validate({"provider": provider, "model": name, "list_price": True, **changes})
    prompt = load_prompts([mode], {}, load_category_set())[mode]
    # A description of a hundred words has about 130 tokens, a label two.
    counts = {"input": n_picture + len(prompt.text) // 4 + N_FRAME, "output": 130 if mode is Mode.DESCRIBE else 2}
    if counts["input"] >= 1024 and name.startswith(("gpt-5.6", "gpt-6")):
        counts["cache_write"] = counts["input"]
    item = SourceItem("a", tmp_path / "a.png", text=None if side else TEXT)
    counts["input"] += len(item.text or "") // 4
    if side:
        item.path.write_bytes(picture_bytes(side))
    check_bill(item, settings, prompt, counts, n_thinking)
    if provider == "openai":
        check_bill(item, settings, prompt, counts, n_thinking, is_batch=True)


def test_every_known_family_has_a_bill() -> None:
    billed = {find_family(ModelSettings(provider=provider_of(name), model=name)).pattern for name, *_ in BILLS}
    # How a model that only decides counts is not known.
    known = [family for family in load_capabilities().families if family.is_known and not family.only_decides]
    assert {family.pattern for family in known} - billed == set()


def provider_of(name: str) -> ProviderName:
    return "gemini" if name.startswith(("gemini", "gemma")) else "openai"


@pytest.mark.parametrize(
    ("name", "changes", "n_clip"),
    [
        # 258 a frame, one a second, and 32 a second of sound: about 300 a second; in low resolution about 100.
        ("gemini-2.5-flash", {}, 10 * 258),
        ("gemini-2.5-flash", {"audio": True}, 10 * 300),
        ("gemini-2.5-flash", {"audio": True, "media_resolution": "low"}, 10 * 100),
        ("gemini-2.5-flash", {"fps": 2.0}, 20 * 258),
        # 70 a frame, and 280 in high resolution; a second of sound has 25 or 32.
        ("gemini-3-flash-preview", {}, 10 * 70),
        ("gemini-3-flash-preview", {"audio": True}, 10 * (70 + 25)),
        ("gemini-3-flash-preview", {"audio": True}, 10 * (70 + 32)),
        ("gemini-3-pro-preview", {"media_resolution": "high"}, 10 * 280),
    ],
)
def test_the_bill_of_a_whole_clip_lies_within_the_range_of_the_plan(
    tmp_path: Path, name: str, changes: dict[str, object], n_clip: int
) -> None:
    settings = ModelSettings.model_validate(
        {"provider": "gemini", "model": name, "list_price": True, "clips": "whole", **changes}
    )
    prompt = load_prompts([Mode.DESCRIBE], {}, load_category_set())[Mode.DESCRIBE]
    counts = {"input": n_clip + len(prompt.text) // 4 + N_FRAME, "output": 130}
    check_bill(SourceItem("a", write_clip(tmp_path / "a.mp4", range(100))), settings, prompt, counts, 300)


def check_bill(
    item: SourceItem,
    settings: ModelSettings,
    prompt: Prompt,
    counts: dict[str, int],
    n_thinking: int,
    *,
    is_batch: bool = False,
) -> None:
    """Plan one question, ask it, and hold tokens and cost against the plan."""
    estimate = Estimator([item], MediaLoader(), is_batch=is_batch).estimate(settings, prompt, None)
    low, high = estimate.low, estimate.high
    with VlmServer(Script(lambda _: Generated("Happy", thinking_tokens=n_thinking, usage=counts))) as server:
        reply = ask(server, settings, MediaLoader().load(item, settings).call(prompt.text))
        assert server.violations == []
    bill = compute_cost(settings, reply, is_batch=is_batch)
    assert reply.input_tokens is not None
    assert low.input_tokens <= reply.input_tokens <= high.input_tokens
    assert low.output_tokens <= counts["output"] + n_thinking <= high.output_tokens
    assert bill is not None
    assert low.cost_usd is not None
    assert high.cost_usd is not None
    assert low.cost_usd <= bill <= high.cost_usd


def test_a_rerouted_model_is_planned_as_what_answers_for_it(tmp_path: Path) -> None:
    prompt = load_prompts([Mode.CLASSIFY], {}, load_category_set())[Mode.CLASSIFY]

    def plan(name: str, *allowed: str) -> tuple[Use, Use]:
        settings = {"provider": "gemini", "model": name, "list_price": True, "allow_served": allowed}
        return plan_one(tmp_path, ModelSettings.model_validate(settings), prompt, 512)

    # 3.5 Flash has been answered by 3.6 Flash since 2026-10-08, whose output costs less.
    assert plan("gemini-3.5-flash", "gemini-3.6-flash") == plan("gemini-3.6-flash")
    assert plan("gemini-3.5-flash") != plan("gemini-3.6-flash")


def plan_one(folder: Path, settings: ModelSettings, prompt: Prompt, side: int) -> tuple[Use, Use]:
    path = folder / "a.png"
    path.write_bytes(picture_bytes(side))
    estimate = Estimator([SourceItem("a", path)], MediaLoader()).estimate(settings, prompt, None)
    return estimate.low, estimate.high


def picture_bytes(side: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (side, side)).save(buffer, "PNG")
    return buffer.getvalue()


def think(request: ModelRequest) -> Generated:
    """Think between 200 and 1,200 tokens, as the picture has it."""
    return Generated("A smile.", thinking_tokens=200 + int(request.key[:8], 16) % 1000, usage={"input": 1300})


def test_after_ten_answers_the_plan_is_their_mean_and_the_bill_of_the_rest_is_within_its_range(
    collect: Collect, tmp_path: Path
) -> None:
    faces, out = draw_pictures(tmp_path / "faces", 60), tmp_path / "corpus"
    arguments = (faces, "--out", out, "--model", "openai:gpt-5-mini", *LISTED, "--mode", "describe")
    with VlmServer(Script(think)) as server:
        assert collect(*arguments, "--max-requests", 12, server=server).code == 1
        plan = collect(*arguments, "--dry-run", server=server)
        assert "gpt-5-mini: tokens are estimated by the mean of its answers here." in plan.out
        (row,) = [line.split() for line in plan.out.splitlines() if line.startswith("gpt-5-mini  ")]
        low, high = map(float, row[-1].split("–"))
        before = sum(cells["cost_usd"] for cells in read_lines(out / "answers.jsonl"))
        assert collect(*arguments, server=server).code == 0
    bill = sum(cells["cost_usd"] for cells in read_lines(out / "answers.jsonl")) - before
    assert low <= bill <= high
    assert high < 2 * low
