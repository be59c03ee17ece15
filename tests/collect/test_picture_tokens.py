"""Tokens of pictures and clips, against the examples of the providers' documentation and counts worked out by hand."""

from itertools import product

import pytest

from descan.collect.providers.model_settings import ModelSettings
from descan.collect.questions.capabilities import find_family, load_capabilities
from descan.collect.questions.picture_tokens import Range


def count(model: str, size: tuple[int, int], changes: dict[str, object]) -> Range:
    provider = "gemini" if model.startswith("gemini") else "openai"
    settings = ModelSettings.model_validate({"provider": provider, "model": model, **changes})
    return load_capabilities().pictures[find_family(settings).pictures].count(*size, settings)


@pytest.mark.parametrize(
    ("model", "size", "changes", "tokens"),
    [
        # Tiles. 1024 x 1024 becomes 768 x 768: 2 x 2 tiles of 512. 4096 x 2048 becomes 1536 x 768: 3 x 2 tiles.
        ("gpt-4o-2024-11-20", (500, 500), {}, 85 + 170),
        ("gpt-4o-2024-11-20", (1024, 1024), {}, 85 + 170 * 4),
        ("gpt-4.1", (4096, 2048), {}, 85 + 170 * 6),
        ("gpt-4o", (4096, 2048), {"detail": "low"}, 85),
        ("gpt-4o-mini", (1024, 1024), {}, 2833 + 5667 * 4),
        ("gpt-4o-mini-2024-07-18", (1024, 1024), {"detail": "low"}, 2833),
        ("gpt-5.1", (1024, 1024), {}, 70 + 140 * 4),
        ("o3", (1024, 1024), {}, 75 + 150 * 4),
        # Patches. 1024 x 1024 has 32 x 32 of them. 1800 x 2400 would have 57 x 75, so it shrinks to 33 x 44.
        ("o4-mini", (1024, 1024), {}, 1024 * 1.72),
        ("gpt-4.1-mini", (1800, 2400), {}, 33 * 44 * 1.62),
        ("gpt-4.1-nano", (33, 32), {}, 2 * 2.46),
        # 2400 x 1600 has 75 x 50 patches, in high detail at most 2,500: 60 x 40. The original one has all of them.
        ("gpt-5.4", (2400, 1600), {}, 60 * 40 * 1.2),
        ("gpt-5.4", (2400, 1600), {"detail": "original"}, 75 * 50 * 1.2),
        # The sides are bounded, too: 3200 x 1600 becomes 2048 x 1024, 64 x 32 patches.
        ("gpt-5.4", (3200, 1600), {"detail": "high"}, 64 * 32 * 1.2),
        # 6400 x 3200 would have 200 x 100: 10,000 at most for GPT-5.5, after shrinking 140 x 70, and all for GPT-6.
        ("gpt-5.5", (6400, 3200), {"detail": "original"}, 140 * 70 * 1.2),
        ("gpt-6-luna", (6400, 3200), {"detail": "original"}, 20000 * 1.2),
        # Gemini 2: 258 up to 384 pixels on both sides.
        ("gemini-2.5-flash", (384, 200), {}, 258),
    ],
)
def test_tokens_of_a_picture_are_those_of_the_documentation(
    model: str, size: tuple[int, int], changes: dict[str, object], tokens: float
) -> None:
    assert count(model, size, changes) == pytest.approx((tokens, tokens))


@pytest.mark.parametrize(
    ("model", "size", "changes", "low", "high"),
    [
        # Low detail is 512 x 512, 16 x 16 patches, or changes nothing.
        ("gpt-5-mini", (1024, 1024), {"detail": "low"}, 256 * 1.2, 1024 * 1.62),
        # The documentation said 1.62 and 2.46 before, and bills said 1.2 and 1.5 all the time.
        ("gpt-5-mini", (1024, 1024), {}, 1024 * 1.2, 1024 * 1.62),
        ("gpt-5-nano-2025-08-07", (1024, 1024), {}, 1024 * 1.5, 1024 * 2.46),
        # The model chooses between high detail, 60 x 40 patches, and the original one, 75 x 50.
        ("gpt-6-luna", (2400, 1600), {}, 60 * 40 * 1.2, 75 * 50 * 1.2),
        # 960 x 540 in the documentation: squares of 360, 3 x 2 of them; bills have one.
        ("gemini-2.5-pro", (960, 540), {}, 258, 6 * 258),
        ("gemini-2.5-flash", (960, 540), {"media_resolution": "low"}, 64, 258),
        ("gemini-3-flash-preview", (200, 9000), {}, 0.85 * 1120, 1120),
        ("gemini-3.8-flash", (960, 540), {"media_resolution": "low"}, 0.85 * 280, 280),
        ("gemini-4-argon", (960, 540), {"media_resolution": "medium"}, 0.85 * 560, 560),
    ],
)
def test_where_sources_differ_both_figures_count(
    model: str, size: tuple[int, int], changes: dict[str, object], low: float, high: float
) -> None:
    assert count(model, size, changes) == pytest.approx((low, high))


@pytest.mark.parametrize("name", load_capabilities().pictures)
@pytest.mark.parametrize("detail", [None, "low", "high", "original"])
def test_a_range_has_its_ends_in_order_and_no_more_than_its_most(name: str, detail: str | None) -> None:
    rule = load_capabilities().pictures[name]
    settings = ModelSettings.model_validate({"provider": "openai", "model": "m", "detail": detail})
    for width, height in product((1, 31, 500, 1599, 4000, 9999), (1, 33, 700, 2048, 8000)):
        low, high = rule.count(width, height, settings)
        assert 0 < low <= high
        if rule.kind == "patches":
            assert high <= max(rule.most.values()) * rule.factor[1]


def test_a_clip_that_is_sent_whole_counts_by_frames_and_seconds() -> None:
    rules = load_capabilities().clips
    settings = ModelSettings(provider="gemini", model="gemini-2.5-flash", audio=True)
    # About 300 tokens a second in the documentation: 258 a frame, 32 of sound, and time stamps.
    low, high = rules["gemini-2"].count(10, settings)
    assert low == 10 * (258 + 32)
    assert low < 10 * 300 < high < 10 * 350
    # 5 frames a second without sound, in Gemini 3: 70 a frame.
    fast = settings.model_copy(update={"fps": 5.0, "audio": False})
    assert rules["gemini-3"].count(10, fast).low == 10 * 5 * 70
