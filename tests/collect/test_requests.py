"""Requests with every setting that a model takes, held to the types of the providers' own packages."""

import pytest

from descan.collect.providers.model_settings import ModelSettings
from descan.collect.questions.capabilities import check_capabilities
from tests.collect.provider_cases import ask, question
from tests.vlm_server import Generated, ModelRequest, Script, VlmServer

SAMPLING = {"temperature": 0.5, "top_p": 0.9}
THINKING = {"thinking": "low", "verbosity": "low", "service_tier": "flex"}
GEMINI = {"media_resolution": "high", "service_tier": "flex"}
REQUESTS = [
    ("gpt-4o-2024-11-20", {**SAMPLING, "seed": 7, "detail": "high", "service_tier": "priority"}),
    ("gpt-4.1-mini", {**SAMPLING, "seed": 7, "detail": "low"}),
    ("gpt-5-mini", {**THINKING, "thinking": "minimal", "detail": "high"}),
    ("gpt-5.1", {**THINKING, "thinking": "none", **SAMPLING}),
    ("o4-mini", {"thinking": "high", "service_tier": "flex"}),
    ("gpt-6-luna", {**THINKING, "detail": "original"}),
    ("gpt-6-sol", {**THINKING, "thinking": "none", **SAMPLING}),
    ("gpt-6.1-sol", {**THINKING, "thinking": "max"}),
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


@pytest.mark.parametrize(("name", "changes", "api"), APIS, ids=[f"{name}-{api}" for name, _, api in APIS])
def test_a_request_with_all_that_a_model_takes_breaks_no_rule(name: str, changes: dict[str, object], api: str) -> None:
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
    sent = str(seen[0].body).lower().replace("_", "")
    for setting in set(fields) - {"provider", "api", "model"}:
        word = {"system": "be brief.", "thinking": "reasoning" if provider == "openai" else "thinking"}
        named = word.get(setting, setting.replace("_", ""))
        assert named in sent or (setting == "max_tokens" and "tokens': 300" in sent), setting
