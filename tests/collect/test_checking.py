"""`descan collect --check`: one small request to each model, and a table of what a run would meet."""

from pathlib import Path

import pytest

from tests.collect.collectors import LISTED
from tests.collect.conftest import Collect
from tests.command_line import Outcome
from tests.vlm_server import FaultRule, Generated, ModelRequest, Script, VlmServer

OPENAI = ("--check", "--model", "openai:gpt-7")


def row_of(outcome: Outcome, model: str) -> list[str]:
    """Return the findings of a model: key, name, picture, parameters, usage, price."""
    return next(line.split()[1:] for line in outcome.out.splitlines() if line.startswith(f"{model} "))


def test_a_model_that_works_is_ok_in_every_column_and_nothing_is_written(collect: Collect, tmp_path: Path) -> None:
    models = ("--model", "openai:gpt-4o-2024-11-20", "--model", "gemini:gemini-2.5-flash", "--set", "temperature=0")
    with VlmServer() as server:
        outcome = collect("--check", *models, *LISTED, server=server)
        assert (server.counts.n_requests, server.violations) == (2, [])
    assert outcome.code == 0
    assert outcome.out.split("\n")[0].split() == ["model", "key", "name", "picture", "parameters", "usage", "price"]
    assert row_of(outcome, "gpt-4o-2024-11-20") == row_of(outcome, "gemini-2.5-flash") == ["ok"] * 6
    assert len(outcome.out.splitlines()) == 4
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("fault", "row", "problem"),
    [
        ("401", ["refused", "?", "?", "?", "?", "?"], "check the key in OPENAI_API_KEY"),
        ("404", ["ok", "unknown", "?", "?", "?", "?"], "check the name of the model"),
        ("400_image", ["ok", "ok", "refused", "?", "?", "?"], "400 image_parse_error"),
        ("400_request", ["ok", "ok", "?", "refused", "?", "?"], "--set 'gpt-7.temperature='"),
        (
            "422_field",
            ["ok", "ok", "?", "refused", "?", "?"],
            "422: temperature: Extra inputs are not permitted; the se",
        ),
        ("400_vague", ["?"] * 6, "400 invalid_request_error: The request could not be handled."),
        ("429", ["?"] * 6, "429 rate_limit_exceeded"),
    ],
)
def test_what_a_server_refuses_stands_in_its_column(collect: Collect, fault: str, row: list[str], problem: str) -> None:
    with VlmServer(Script(faults=(FaultRule(fault),))) as server:
        outcome = collect(*OPENAI, "--set", "temperature=0", server=server)
        assert server.counts.n_requests == 1
    assert (outcome.code, row_of(outcome, "gpt-7")) == (1, row)
    assert problem in outcome.out


def test_keys_and_parameters_that_are_known_to_fail_send_nothing(collect: Collect) -> None:
    with VlmServer() as server:
        models = ("--model", "gemini:gemini-2.5-flash", "--model", "openai:gpt-5-mini")
        outcome = collect(
            "--check", *models, "--set", "gpt-5-mini.temperature=0", "--set", "gpt-5-mini.list_price=true"
        )
        assert server.counts.n_requests == 0
    assert outcome.code == 1
    assert row_of(outcome, "gemini-2.5-flash") == ["missing", *["?"] * 5]
    assert row_of(outcome, "gpt-5-mini") == ["?", "?", "?", "refused", "?", "?"]
    assert "\ngpt-5-mini: temperature 0.0 is refused by this model (https://" in outcome.out
    assert "\ngemini-2.5-flash: needs a key, and GOOGLE_API_KEY or GEMINI_API_KEY is not set" in outcome.out


@pytest.mark.parametrize(
    ("model", "setting", "problem"),
    [
        ("gpt-5-pro", "concurrency=1", "api 'chat' is not one of this model's (https://"),
        ("gpt-4o", "media_resolution=low", "media_resolution is for Gemini; use detail"),
        ("gpt-6-luna", "thinking=512", "thinking 512 is a budget; OpenAI takes a level such as low"),
    ],
)
def test_what_is_known_to_fail_names_the_model_once(collect: Collect, model: str, setting: str, problem: str) -> None:
    outcome = collect("--check", "--model", f"openai:{model}", "--set", setting)
    assert row_of(outcome, model) == ["?", "?", "?", "refused", "?", "?"]
    assert f"\n{model}: {problem}" in outcome.out


def test_a_gateway_without_key_price_and_usage_is_told(collect: Collect) -> None:
    def answer(_: ModelRequest) -> Generated:
        return Generated("yes", served_model="another")

    with VlmServer(Script(answer), has_checks=False) as server:
        address = f"base_url={server.openai_base_url}"
        outcome = collect("--check", "--model", "openai:qwen3-vl", "--set", address)
        assert (outcome.code, row_of(outcome, "qwen3-vl")) == (1, ["none", "refused", "ok", "ok", "ok", "unknown"])
        assert (
            "another answered; if that is intended, allow it: --set 'qwen3-vl.allow_served=[\"another\"]'"
            in outcome.out
        )
        allowed = ("--set", "qwen3-vl.allow_served=another", "--set", "price_in=0", "--set", "price_out=0")
        outcome = collect("--check", "--model", "openai:qwen3-vl", "--set", address, *allowed)
        assert (outcome.code, row_of(outcome, "qwen3-vl")) == (0, ["none", "ok", "ok", "ok", "ok", "ok"])


def test_a_server_that_counts_no_tokens_is_told_apart_from_one_without_a_price(collect: Collect) -> None:
    with VlmServer(Script(lambda _: Generated("yes", has_usage=False)), has_checks=False) as server:
        address = ("--set", f"base_url={server.openai_base_url}")
        arguments = ("--check", "--model", "openai:qwen3-vl", *address)
        priced = collect(*arguments, "--set", "price_in=1", "--set", "price_out=1", server=server)
        unpriced = collect(*arguments, server=server)
    assert row_of(priced, "qwen3-vl") == ["ok", "ok", "ok", "ok", "missing", "ok"]
    told = "qwen3-vl: its replies count no tokens, so what its answers cost will not be known, whatever the price"
    assert (priced.code, told in priced.out, "price_in" in priced.out) == (0, True, False)
    assert row_of(unpriced, "qwen3-vl") == ["ok", "ok", "ok", "ok", "missing", "unknown"]
    assert (told in unpriced.out, "price_in" in unpriced.out) == (True, True)


def test_the_day_on_which_a_provider_ends_a_model_is_told(collect: Collect, faces: Path, tmp_path: Path) -> None:
    def answer(_: ModelRequest) -> Generated:
        return Generated("Happy", retires_at="2026-12-01T08:00:00.000Z")

    told = "gemini-2.5-flash: its provider says that it ends on 2026-12-01."
    with VlmServer(Script(answer)) as server:
        model = ("--model", "gemini:gemini-2.5-flash")
        assert told in collect("--check", *model, server=server).out
        assert told in collect(faces, "--out", tmp_path / "corpus", *model, server=server).out


def test_the_models_of_a_run_file_are_checked(collect: Collect, tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text('source = "x"\nout = "y"\n[[models]]\nprovider = "openai"\nmodel = "gpt-7"\n')
    with VlmServer(Script(lambda _: "")) as server:
        outcome = collect("--check", "--run", tmp_path / "run.toml", server=server)
    assert outcome.code == 1
    assert "gpt-7: the reply has no text: " in outcome.out
