"""What is known about models before they are asked."""

import re
from datetime import date
from pathlib import Path

import pytest

from descan.collect.providers.model_settings import ModelSettings
from descan.collect.questions.capabilities import (
    PARAMETERS,
    check_capabilities,
    expected_thinking,
    find_family,
    find_served,
    list_remarks,
    load_capabilities,
)
from descan.errors import InputError, OptionError
from descan.records import Mode
from tests.collect.collectors import LISTED
from tests.collect.conftest import Collect
from tests.vlm_server import VlmServer


def model(name: str, **changes: object) -> ModelSettings:
    provider = "gemini" if "gemini" in name and "google/" not in name else "openai"
    return ModelSettings.model_validate({"provider": provider, "model": name, **changes})


REFUSED = [
    ("gpt-5-mini", {"temperature": 0.0}, "temperature 0.0 of gpt-5-mini is refused by this model ("),
    ("o4-mini-2025-04-16", {"top_p": 0.5}, "top_p 0.5 of o4-mini-2025-04-16 is refused by this model ("),
    ("gpt-4o-2024-11-20", {"thinking": "low"}, "thinking 'low' of gpt-4o-2024-11-20 is refused by this model ("),
    ("gpt-4.1-mini", {"verbosity": "low"}, "verbosity 'low' of gpt-4.1-mini is refused by this model ("),
    ("gpt-4o", {"detail": "original"}, "detail 'original' of gpt-4o is not one of this model's ("),
    ("gpt-4o", {"service_tier": "flex"}, "service_tier 'flex' of gpt-4o is not one of this model's ("),
    (
        "gpt-5.1",
        {"temperature": 0.0, "thinking": "low"},
        "temperature 0.0 of gpt-5.1 is refused by this model while it",
    ),
    ("gpt-5.1", {"thinking": "minimal"}, "thinking 'minimal' of gpt-5.1 is not a level of this model ("),
    ("gpt-6-luna", {"temperature": 0.0}, "temperature 0.0 of gpt-6-luna is refused by this model while it thinks ("),
    ("gpt-6.1-sol", {"thinking": "none"}, "thinking 'none' of gpt-6.1-sol is not a level of this model ("),
    ("gpt-6.2-sol", {"thinking": "max"}, "thinking 'max' of gpt-6.2-sol is not a level of this model ("),
    ("gpt-5.2", {"detail": "original"}, "detail 'original' of gpt-5.2 is not one of this model's ("),
    ("o3", {"max_tokens": 9, "token_field": "max_tokens"}, "token_field 'max_tokens' of o3 is refused by this model ("),
    ("gpt-5.6-sol", {"seed": 7}, "seed 7 of gpt-5.6-sol is refused by this model (https://github.com/Kaggle/"),
    ("gpt-6-astra", {"seed": 7}, "seed 7 of gpt-6-astra is refused by this model (https://github.com/Kaggle/"),
    (
        "gpt-5-pro",
        {"api": "responses", "thinking": "low"},
        "thinking 'low' of gpt-5-pro is not a level of this model (",
    ),
    ("gpt-5-codex", {"api": "responses", "verbosity": "low"}, "verbosity 'low' of gpt-5-codex is refused by this mo"),
    ("o3-pro", {"api": "responses", "temperature": 0.0}, "temperature 0.0 of o3-pro is refused by this model ("),
    (
        "o1-mini",
        {"system": "Be brief."},
        "system 'Be brief.' of o1-mini is refused by this model (https://github.com/m",
    ),
    ("gpt-4.1", {"detail": "original"}, "detail 'original' of gpt-4.1 is not one of this model's (https://developers"),
    ("gemini-2.5-pro", {"thinking": 0}, "thinking 0 of gemini-2.5-pro is not a budget of this model ("),
    ("gemini-2.5-flash", {"thinking": "low"}, "thinking 'low' of gemini-2.5-flash is not a level of this model ("),
    ("gemini-3.8-flash", {"thinking": "minimal"}, "thinking 'minimal' of gemini-3.8-flash is not a level of this mod"),
    ("gemini-4-argon", {"thinking": "minimal"}, "thinking 'minimal' of gemini-4-argon is not a level of this model ("),
]


@pytest.mark.parametrize(("name", "changes", "problem"), REFUSED)
def test_a_parameter_that_a_model_refuses_is_one_line_with_what_to_type(
    name: str, changes: dict[str, object], problem: str
) -> None:
    with pytest.raises(OptionError) as caught:
        check_capabilities(model(name, **changes))
    assert caught.value.problem.startswith(problem)
    key = caught.value.problem.partition(" ")[0]
    assert f"leave it out: --set '{name}.{key}='" in caught.value.problem or (
        f"leave it out (--set '{name}.{key}=') or use " in caught.value.problem
    )
    assert re.search(r"\(.+, 2026-\d\d-\d\d\)", caught.value.problem)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("gpt-5-mini", {"temperature": 1.0, "thinking": "minimal", "verbosity": "low", "service_tier": "flex"}),
        ("gpt-5.1", {"temperature": 0.0}),
        ("gpt-6-luna", {"temperature": 0.0, "thinking": "none"}),
        ("gpt-5.4", {"detail": "original"}),
        ("gpt-6.1-sol", {"thinking": "max", "api": "responses"}),
        ("gpt-4.1-mini", {"seed": 7, "system": "Be brief.", "detail": "high"}),
        ("gpt-6-luna", {"seed": 7, "system": "Be brief.", "detail": "original"}),
        ("gpt-5-pro", {"api": "responses", "thinking": "high", "system": "Be brief."}),
        ("gpt-5.1-codex-max", {"api": "responses", "thinking": "xhigh"}),
        ("gemini-3.8-flash", {"seed": 7, "system": "Be brief.", "media_resolution": "high"}),
        ("gemini-2.5-pro", {"thinking": -1}),
        ("gemini-2.5-flash-lite", {"thinking": 0, "temperature": 0.0}),
        ("gemini-3-flash-preview", {"thinking": "MINIMAL"}),
        ("gemini-3.6-flash", {"thinking": "minimal"}),
        # Whom nobody knows, and what another server serves, goes without checks.
        ("gpt-7-tomorrow", {"temperature": 0.0, "thinking": "whatever"}),
        ("gpt-5-mini", {"temperature": 0.0, "base_url": "http://localhost:4000/v1"}),
        ("google/gemini-2.5-pro", {"thinking": "low", "base_url": "https://gateway.example/v1"}),
    ],
)
def test_what_a_model_takes_or_may_take_goes_through(name: str, changes: dict[str, object]) -> None:
    check_capabilities(model(name, **changes))


@pytest.mark.parametrize(
    ("name", "today", "remark"),
    [
        ("gpt-4o-2024-11-20", date(2026, 11, 29), "it ends on 2027-01-14; gpt-6-luna follows ("),
        ("gpt-4o-2024-11-20", date(2026, 11, 14), ""),
        ("gpt-5-mini", date(2026, 11, 29), "it ends on 2026-12-11; gpt-6.1-terra follows ("),
        ("gpt-5-nano", date(2026, 11, 29), "it ends on 2026-12-11; gpt-5.6-luna follows ("),
        ("o3", date(2026, 11, 29), "it ends on 2026-12-11; gpt-5.6-sol follows ("),
        ("gpt-5-pro-2025-10-06", date(2026, 11, 29), "it ends on 2026-12-11; gpt-5.6-sol follows ("),
        ("o4-mini", date(2026, 11, 29), "it ended on 2026-10-23; gpt-5.6-terra follows ("),
        ("gpt-5.1", date(2027, 2, 1), "it ends on 2027-04-01; no replacement is named (openai package 3.52.0"),
        ("gemini-2.0-flash-lite", date(2026, 11, 29), "it ended on 2026-06-01; gemini-3.1-flash-lite follows ("),
        ("gemini-2.5-pro", date(2026, 11, 29), "from 2026-12-01 gemini-3.8-flash answers for it, at its own price ("),
        (
            "gemini-2.5-flash",
            date(2026, 12, 1),
            "since 2026-12-01 gemini-3.5-flash-lite answers for it, at its ow",
        ),
        ("models/gemini-2.5-flash-001", date(2026, 12, 1), "since 2026-12-01 gemini-3.5-flash-lite answers for it"),
        ("gemini-2.5-flash-lite", date(2026, 12, 1), ""),
        ("gemini-3.7-flash", date(2026, 11, 29), "since 2026-10-08 gemini-3.8-flash answers for it, at its own pr"),
        ("gpt-6-luna", date(2026, 11, 29), ""),
    ],
)
def test_a_model_that_ends_soon_is_named_with_what_follows(name: str, today: date, remark: str) -> None:
    settings = ModelSettings.model_validate(
        {"provider": "gemini" if "gemini" in name else "openai", "model": name, "name": "label"}
    )
    remarks = list(list_remarks(settings, today))
    assert len(remarks) == bool(remark)
    assert all(one.startswith(f"label: {remark}") for one in remarks)
    elsewhere = settings.model_copy(update={"base_url": "http://localhost:1/v1"})
    owner = "Google" if "gemini" in name else "OpenAI"
    forwarded = [one.replace("label: ", f"label: if its address forwards to {owner}, ") for one in remarks]
    assert list(list_remarks(elsewhere, today)) == forwarded


def test_a_gateways_model_of_another_provider_ends_with_it_and_an_own_name_does_not() -> None:
    address = "https://gateway.example/v1"
    (remark,) = list_remarks(model("google/gemini-2.5-pro", base_url=address), date(2026, 12, 1))
    told = "google/gemini-2.5-pro: if its address forwards to Google, since 2026-12-01 gemini-3.8-flash answers for it"
    assert remark.startswith(told)
    for name in ("Qwen/Qwen3-VL-8B-Instruct", "gpt-oss-20b", "gemma3:27b", "my-gpt-4o"):
        assert list(list_remarks(model(name, base_url=address), date(2027, 1, 1))) == []


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("gemini-3-flash-preview", "its provider advises to leave temperature out (https://ai.google.dev/"),
        ("gemini-3.8-flash", "temperature has no effect on this model (https://docs.cloud.google.com/"),
    ],
)
def test_a_setting_that_is_advised_against_or_ignored_is_named(name: str, problem: str) -> None:
    (remark,) = list_remarks(model(name, temperature=0), date(2026, 11, 29))
    assert remark.startswith(f"{name}: {problem}")


@pytest.mark.parametrize("parameter", ["system", "media_resolution"])
def test_gemma_takes_neither_a_system_prompt_nor_a_resolution(parameter: str) -> None:
    settings = ModelSettings.model_validate({"provider": "gemini", "model": "gemma-3-27b-it", parameter: "low"})
    with pytest.raises(OptionError, match=f"{parameter} 'low' of gemma-3-27b-it is refused by this model "):
        check_capabilities(settings)


def test_a_parameter_of_which_no_source_says_anything_is_sent_and_named() -> None:
    (remark,) = list_remarks(model("gpt-5.4", seed=7, detail="high", service_tier="flex"), date(2026, 11, 29))
    assert remark == "gpt-5.4: no source says whether this model takes seed, service_tier; sent as set."


@pytest.mark.parametrize("name", ["gpt-5-pro", "o3-pro-2025-06-10", "o1-pro", "gpt-5.5-pro", "gpt-5.3-codex"])
def test_a_model_without_chat_completions_is_told_to_be_asked_by_responses(name: str) -> None:
    with pytest.raises(OptionError) as caught:
        check_capabilities(model(name))
    assert caught.value.problem.startswith(f"api 'chat' of {name} is not one of this model's (https://")
    assert caught.value.problem.endswith(f"; use --set '{name}.api=responses'")
    check_capabilities(model(name, api="responses"))
    check_capabilities(model(name, base_url="https://gateway.example/v1"))


def test_a_level_that_one_api_alone_takes_is_refused_with_the_other_and_that_is_said() -> None:
    with pytest.raises(OptionError) as caught:
        check_capabilities(model("gpt-6-luna", thinking="max"))
    assert caught.value.problem.endswith(" or use none, low, medium, high, xhigh, or max with api = responses")


def test_thinking_is_expected_of_models_that_think_by_default() -> None:
    wide = load_capabilities().thinking.tokens
    assert expected_thinking(model("gpt-4o")) == (0, 0)
    assert expected_thinking(model("gpt-5-mini")) == wide["medium"]
    assert expected_thinking(model("gpt-5-mini", thinking="minimal")) == wide["minimal"]
    assert expected_thinking(model("gpt-5.1")) == (0, 0)
    assert expected_thinking(model("gpt-5.5")) == wide["medium"]
    assert expected_thinking(model("gemini-2.5-flash")) == wide["dynamic"]
    assert expected_thinking(model("gemini-2.5-flash", thinking=512)) == (0, 512)
    assert expected_thinking(model("gemini-2.5-flash", thinking=-1)) == wide["dynamic"]
    assert expected_thinking(model("gemini-2.5-flash-lite")) == (0, 0)


@pytest.mark.parametrize(
    ("name", "changes", "today", "served"),
    [
        ("gemini-2.5-pro", {"allow_served": ("gemini-3.8-flash",)}, date(2026, 11, 30), "gemini-2.5-pro"),
        ("gemini-2.5-pro", {"allow_served": ("gemini-3.8-flash",)}, date(2026, 12, 1), "gemini-3.8-flash"),
        (
            "models/gemini-2.5-pro",
            {"allow_served": ("models/gemini-3.8-flash",)},
            date(2026, 12, 1),
            "gemini-3.8-flash",
        ),
        # Not allowed, or another server's: nobody knows what answers there.
        ("gemini-2.5-pro", {"allow_served": ("gemini-3.6-flash",)}, date(2026, 12, 1), "gemini-2.5-pro"),
        ("gemini-2.5-pro", {}, date(2026, 12, 1), "gemini-2.5-pro"),
        (
            "gemini-2.5-pro",
            {"allow_served": ("gemini-3.8-flash",), "base_url": "https://gateway.example"},
            date(2026, 12, 1),
            "gemini-2.5-pro",
        ),
        # Another model that follows does not answer under the old name.
        ("gpt-5-mini", {"allow_served": ("gpt-6.1-terra",)}, date(2026, 12, 12), "gpt-5-mini"),
    ],
)
def test_a_rerouted_model_is_known_by_what_answers_for_it_from_that_day_on(
    name: str, changes: dict[str, object], today: date, served: str
) -> None:
    assert find_served(model(name, **changes), today).model == served


def test_every_family_and_end_has_what_it_needs() -> None:
    known = load_capabilities()
    for family in known.families:
        assert family.pictures in known.pictures
        assert not family.clips or family.clips in known.clips
        assert {*family.left, *(family.levels or ())} <= set(known.thinking.tokens)
        assert family.source
        protocol = known.providers[family.provider]
        said = [*family.takes, *family.refuses, *family.refuses_while_thinking, *family.ignores, *family.discourages]
        if family.is_known:
            assert sorted([*said, *family.unknown, *protocol.lacks]) == sorted(PARAMETERS), family.pattern
        assert set(family.sources) <= set(PARAMETERS)
        assert set(family.apis) <= {"chat", "responses"}
    assert set(known.answer.tokens) == {*Mode, "decisions"}
    entries = (*known.ends, *known.families, *known.pictures.values(), *known.clips.values())
    for entry in (*entries, *known.providers.values()):
        assert entry.source
        assert date(2026, 11, 1) < entry.as_of <= date.today()
    for end in known.ends:
        re.compile(end.pattern)
    assert {family.provider for family in known.families if not family.is_known} == {"openai", "gemini"}


def test_a_gateways_model_is_counted_as_what_it_is() -> None:
    assert find_family(model("openai/gpt-5-mini", base_url="http://localhost:4000")).pictures == "gpt-5-mini"
    routed = ModelSettings(provider="openai", model="google/gemini-2.5-flash", base_url="https://gateway.example/v1")
    assert find_family(routed).pictures == "gemini-2"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"media_resolution": "low"}, "media_resolution of gpt-4o is for Gemini; use detail"),
        ({"audio": True}, "audio of gpt-4o: OpenAI takes clips as pictures only; drop it"),
        ({"clips": "whole"}, "clips = whole of gpt-4o: OpenAI takes clips as pictures only; drop it"),
    ],
)
def test_settings_of_another_provider_are_refused(changes: dict[str, object], problem: str) -> None:
    from descan.collect.providers import check_settings

    with pytest.raises(InputError) as caught:
        check_settings(model("gpt-4o", **changes))
    assert str(caught.value) == problem
    with pytest.raises(InputError, match="verbosity low of gemini-3-pro is for OpenAI; drop it"):
        check_settings(model("gemini-3-pro", verbosity="low"))


def test_what_a_protocol_lacks_is_refused_at_every_address() -> None:
    from descan.collect.providers import check_settings

    values = {"seed": 1, "media_resolution": "low", "detail": "low", "verbosity": "low"}
    for provider, protocol in load_capabilities().providers.items():
        cases: list[tuple[str, dict[str, str]]] = [(name, {}) for name in protocol.lacks] + [
            (name, {"api": "responses"}) for name in protocol.responses_lacks
        ]
        for name, changes in cases:
            settings = {"provider": provider, "model": "m", "base_url": "http://localhost:1/v1", name: values[name]}
            with pytest.raises(InputError, match=f"{name}.* of m"):
                check_settings(ModelSettings.model_validate({**settings, **changes}))


def test_a_refused_parameter_ends_the_command_before_the_plan(collect: Collect, faces: Path, tmp_path: Path) -> None:
    arguments = (
        faces,
        "--out",
        tmp_path / "corpus",
        "--model",
        "openai:gpt-5-mini",
        "--model",
        "openai:gpt-4o",
        *LISTED,
    )
    with VlmServer() as server:
        outcome = collect(*arguments, "--set", "temperature=0", server=server)
        assert server.counts.n_requests == 0
        assert (outcome.code, outcome.out) == (1, "")
        assert outcome.err.startswith("descan: --set temperature 0.0 of gpt-5-mini is refused by this model (")
        assert outcome.err.endswith("); leave it out: --set 'gpt-5-mini.temperature='\n")
        assert not (tmp_path / "corpus").exists()
        # What the message says to type leaves it out for that model alone, in whatever order.
        fixed = collect(*arguments, "--set", "gpt-5-mini.temperature=", "--set", "temperature=0", server=server)
        assert fixed.code == 0
        assert server.violations == []
    assert "gpt-5-mini: it ends on 2026-12-11; gpt-6.1-terra follows (https://developers.openai.com/" in fixed.out
