"""A parameter that a server refuses by name is offered to be left out, in the very words to type."""

import json
from pathlib import Path

import pytest

from descan.collect.providers.faults import FaultReader
from descan.collect.providers.model_settings import ModelSettings
from descan.collect.providers.protocol import CallError, FaultScope
from descan.collect.providers.refused_settings import name_refused_setting
from tests.collect.collectors import read_lines
from tests.collect.conftest import Collect
from tests.vlm_server import FaultRule, Script, VlmServer
from tests.vlm_server.faults import gemini_error, openai_error

FULL = {
    "temperature": 0.5,
    "top_p": 0.9,
    "seed": 1,
    "thinking": "low",
    "verbosity": "low",
    "service_tier": "flex",
    "detail": "low",
    "system": "Be brief.",
    "max_tokens": 99,
}


def fault(body: dict[str, object], settings: dict[str, object], status: int = 400) -> CallError:
    model = ModelSettings.model_validate({"provider": "openai", "model": "m", **settings})
    error = FaultReader("sk-key", "OPENAI_API_KEY").from_response(status, {}, json.dumps(body).encode())
    return name_refused_setting(error, model)


def openai_body(
    message: str, param: str | None = None, code: str | None = "unsupported_parameter"
) -> dict[str, object]:
    return openai_error(message, "invalid_request_error", code, param)


@pytest.mark.parametrize(
    ("body", "setting"),
    [
        (
            openai_body("Unsupported value: 'temperature' does not support 0.", "temperature"),
            "temperature",
        ),
        (
            openai_body("Unsupported value: 'minimal' is not supported.", "reasoning.effort"),
            "thinking",
        ),
        (openai_body("Unrecognized request argument supplied: reasoning_effort", "reasoning_effort", None), "thinking"),
        (openai_body("Unknown parameter: 'verbosity'.", None, "unknown_parameter"), "verbosity"),
        (openai_body("Invalid value: 'low'.", "messages[0].content[0].image_url.detail", "invalid_value"), "detail"),
        (openai_body("Invalid service_tier argument", "service_tier", None), "service_tier"),
        # LiteLLM, in its own words.
        (
            openai_body("UnsupportedParamsError: openai does not support parameters: ['top_p']", None, "400"),
            "top_p",
        ),
        (
            gemini_error(400, 'Invalid JSON payload. Unknown name "seed": Cannot find field.', "INVALID_ARGUMENT"),
            "seed",
        ),
        (gemini_error(400, "Thinking level is not supported for this model.", "INVALID_ARGUMENT"), "thinking"),
        (gemini_error(400, "Developer instruction is not enabled for this model.", "INVALID_ARGUMENT"), "system"),
    ],
)
def test_the_setting_is_named_that_the_server_means(body: dict[str, object], setting: str) -> None:
    error = fault(body, FULL)
    assert (error.scope, error.blame) == (FaultScope.MODEL, "parameter")
    assert error.advice == f"the server refuses {setting}; if it may be left out: --set 'm.{setting}='"


EXTRA = {
    "type": "extra_forbidden",
    "loc": ["body", "verbosity"],
    "msg": "Extra inputs are not permitted",
    "input": "low",
}
LEVEL = {"loc": ["body", "reasoning", "effort", "literal['low']"], "msg": "Input should be 'low' or 'high'"}


@pytest.mark.parametrize(
    ("body", "setting", "told"),
    [
        ({"detail": [EXTRA]}, "verbosity", "422: verbosity: Extra inputs are not permitted"),
        ({"message": [EXTRA]}, "verbosity", "422: verbosity: Extra inputs are not permitted"),
        # Mistral's, and vLLM's of 2024.
        ({"message": {"detail": [EXTRA]}}, "verbosity", "422: verbosity: Extra inputs are not permitted"),
        ({"object": "error", "message": str([EXTRA])}, "verbosity", f"422: {[EXTRA]}"),
        ({"error": {"message": [EXTRA]}}, "verbosity", "422: verbosity: Extra inputs are not permitted"),
        ({"detail": [LEVEL]}, "thinking", "422: reasoning.effort.literal['low']: Input should be 'low' or 'high'"),
        ({"error": '"llava" does not support thinking'}, "thinking", '422: "llava" does not support thinking'),
        ({"detail": "Invalid service_tier argument"}, "service_tier", "422: Invalid service_tier argument"),
        ({"message": "max_tokens is not supported here"}, "max_tokens", "422: max_tokens is not supported here"),
    ],
)
def test_the_setting_is_found_where_a_server_names_it(body: dict[str, object], setting: str, told: str) -> None:
    error = fault(body, FULL, 422)
    assert (error.scope, error.blame, str(error)) == (FaultScope.MODEL, "parameter", told)
    assert error.advice.startswith(f"the server refuses {setting}; if it may be left out: --set 'm.{setting}='")
    # What was not sent is not offered.
    assert "--set 'm." not in fault(body, {}, 422).advice


def test_a_limit_that_the_server_calls_otherwise_is_offered_under_its_name() -> None:
    message = "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."
    error = fault(openai_body(message, "max_tokens"), {"max_tokens": 9, "token_field": "max_tokens"})
    assert error.advice.endswith(
        "--set 'm.max_tokens='; if the server calls the limit otherwise: --set 'm.token_field=max_completion_tokens'"
    )


@pytest.mark.parametrize(
    ("body", "settings", "status"),
    [
        # What the user has not set is not offered; nor is another status, or what says nothing of a refusal.
        (openai_body("Unsupported parameter: 'temperature'.", "temperature"), {"seed": 1}, 400),
        (openai_body("Unsupported parameter: 'temperature'.", "temperature"), FULL, 500),
        (openai_body("Invalid image: the system could not think of any detail.", None, "image_parse_error"), FULL, 400),
        ({"detail": "Invalid request: the detail-7b engine failed."}, FULL, 422),
        ({"detail": [{"loc": ["body", "messages", 0, "content"], "msg": "Input should be a string"}]}, FULL, 422),
        (openai_body("The picture is too small for 'detail' high.", None, "image_too_small"), FULL, 400),
    ],
)
def test_other_faults_stay_as_they_are(body: dict[str, object], settings: dict[str, object], status: int) -> None:
    error = fault(body, settings, status)
    assert "--set 'm." not in error.advice
    assert error.blame in ("", "picture", "parameter")


def test_nothing_is_dropped_until_the_user_types_it(collect: Collect, faces: Path, tmp_path: Path) -> None:
    out = tmp_path / "corpus"
    arguments = (faces, "--out", out, "--model", "openai:gpt-7", "--mode", "classify", "--set", "temperature=0")
    with VlmServer(Script(faults=(FaultRule("400_request"),))) as server:
        stopped = collect(*arguments, "--set", "concurrency=1", server=server)
        assert server.counts.n_requests == 1
        assert stopped.code == 1
        assert "the server refuses temperature; if it may be left out: --set 'gpt-7.temperature='" in stopped.err
        assert read_lines(out / "answers.jsonl") == []
        server.script = Script()
        assert collect(*arguments, "--set", "gpt-7.temperature=", server=server).code == 0
        assert server.violations == []
