"""Requests with every setting that a model takes, held to the types of the providers' own packages."""

import json
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest

from descan.collect.providers.model_settings import ModelSettings
from descan.collect.questions.capabilities import check_capabilities
from tests.collect.provider_cases import ask, question
from tests.vlm_server import Generated, ModelRequest, Script, VlmServer

SAMPLING = {"temperature": 0.5, "top_p": 0.9}
THINKING = {"thinking": "low", "verbosity": "low", "service_tier": "flex"}
GEMINI = {"media_resolution": "high", "service_tier": "flex"}
REQUESTS: list[tuple[str, dict[str, object]]] = [
    ("gpt-4o-2024-11-20", {**SAMPLING, "seed": 7, "detail": "high", "service_tier": "priority"}),
    ("gpt-4.1-mini", {**SAMPLING, "seed": 7, "detail": "low"}),
    ("gpt-5-mini", {**THINKING, "thinking": "minimal", "detail": "high"}),
    ("gpt-5.1", {**THINKING, "thinking": "none", **SAMPLING}),
    ("o4-mini", {"thinking": "high", "service_tier": "flex"}),
    ("gpt-6-luna", {**THINKING, "detail": "original"}),
    ("gpt-6-sol", {**THINKING, "thinking": "none", **SAMPLING}),
    ("gpt-6.1-sol", {**THINKING, "thinking": "xhigh"}),
    ("gemini-2.5-flash", {**SAMPLING, **GEMINI, "seed": 7, "thinking": 512}),
    ("gemini-2.5-pro", {**SAMPLING, **GEMINI, "thinking": -1}),
    ("gemini-2.5-flash-lite", {**SAMPLING, **GEMINI, "thinking": 0}),
    ("gemini-3-flash-preview", {**GEMINI, "thinking": "minimal"}),
    ("gemini-3.8-flash", {**GEMINI, "thinking": "medium"}),
    ("gemini-3.1-pro-preview", {**GEMINI, "thinking": "high"}),
]


APIS = [
    (*request, api) for request in REQUESTS for api in ("chat", "responses") if api == "chat" or "gpt" in request[0]
]


OFFICIAL = {"chat": "CreateChatCompletionRequest", "responses": "CreateResponse"}


@pytest.mark.parametrize(("name", "changes", "api"), APIS, ids=[f"{name}-{api}" for name, _, api in APIS])
def test_a_request_with_all_that_a_model_takes_breaks_no_rule(name: str, changes: dict[str, object], api: str) -> None:
    fields, request = ask_with_all(name, changes, api)
    sent = str(request.body).lower().replace("_", "")
    for setting in set(fields) - {"provider", "api", "model"}:
        word = {"system": "be brief.", "thinking": "reasoning" if request.protocol != "gemini" else "thinking"}
        named = word.get(setting, setting.replace("_", ""))
        assert named in sent or (setting == "max_tokens" and "tokens': 300" in sent), setting


@pytest.mark.parametrize("protocol", OFFICIAL)
def test_requests_are_as_the_official_description_of_the_api_says(protocol: str, shared: Path) -> None:
    path = shared / "specs" / "openai-openapi.json"
    # The alternatives of a union overlap there, so that "one of" would refuse what the API takes.
    description = json.loads(path.read_text(encoding="utf-8").replace('"oneOf"', '"anyOf"'))
    description["$ref"] = f"#/components/schemas/{OFFICIAL[protocol]}"
    validator = jsonschema.Draft202012Validator(description)
    assert not validator.is_valid({"model": "gpt-4o-2024-11-20", "messages": [], "input": 1})
    for name, changes in REQUESTS:
        if name.startswith("gemini"):
            continue
        if protocol == "chat" and changes.get("detail") == "original":
            changes = {**changes, "detail": "high"}  # In the types of the SDK, which are newer than the description.
        _, request = ask_with_all(name, changes, protocol)
        validator.validate(request.body)


def ask_with_all(name: str, changes: dict[str, object], api: str) -> tuple[dict[str, object], ModelRequest]:
    """Ask a model with settings; return them, and the request that came."""
    provider = "gemini" if name.startswith("gemini") else "openai"
    fields = {"model": name, "provider": provider, "api": api, "system": "Be brief.", "max_tokens": 300, **changes}
    if api == "responses":
        fields.pop("seed", None)
    settings = ModelSettings.model_validate({**fields, "list_price": True})
    check_capabilities(settings)
    seen: list[ModelRequest] = []

    def answer(request: ModelRequest) -> Generated:
        seen.append(request)
        return Generated("A smile.")

    with VlmServer(Script(answer)) as server:
        reply = ask(server, settings, question())
        assert server.violations == []
    assert reply.text == "A smile."
    return fields, seen[0]
