"""Real gateways in front of our own server: what becomes of keys, names, rate limits and parameters behind them.

They are not among what descan is developed with, since they need other versions of the same packages. Install each
into an environment of its own and put its folder of programs on the PATH, or into DESCAN_GATEWAYS:
`pip install 'litellm[proxy]'`, `pip install lm-proxy`.
"""

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from descan.corpus import read_corpus
from tests.collect.collectors import draw_pictures, read_lines
from tests.collect.conftest import Collect
from tests.command_line import Outcome
from tests.loading import load_answers
from tests.vlm_server import FaultRule, Script, VlmServer

pytestmark = pytest.mark.slow

KEY = "sk-gateway-0123456789abcdef"
UPSTREAM_KEY = "sk-upstream-0123456789abcdef"
MODEL = "gpt-4o-2024-11-20"
LONGEST_START_S = 180
N_ITEMS = 7

_LITELLM = """
model_list:
  - model_name: study-model
    litellm_params: {{model: openai/{model}, api_base: "{upstream}", api_key: {upstream_key}}}
  - model_name: mocked
    litellm_params: {{model: openai/{model}, api_key: none, mock_response: "Happy"}}
general_settings: {{master_key: {key}}}
litellm_settings: {{num_retries: 0}}
router_settings: {{num_retries: 0, disable_cooldowns: true}}
"""
_LM_PROXY = """
host = "127.0.0.1"
port = {port}

[connections.upstream]
api_type = "openai"
api_base = "{upstream}"
api_key = "{upstream_key}"

[routing]
"study-model" = "upstream.{model}"

[groups.default]
api_keys = ["{key}"]
"""


@dataclass(frozen=True)
class Gateway:
    """A program that passes requests on.

    Attributes:
        config: Of its configuration file.
        arguments: After its name.
    """

    program: str
    suffix: str
    config: str
    arguments: tuple[str, ...]


GATEWAYS = {
    "litellm": Gateway("litellm", ".yaml", _LITELLM, ("--config", "{path}", "--host", "127.0.0.1", "--port", "{port}")),
    "lm-proxy": Gateway("lm-proxy", ".toml", _LM_PROXY, ("--config", "{path}")),
}


def find_program(name: str) -> str:
    places = os.pathsep.join(filter(None, (os.environ.get("DESCAN_GATEWAYS"), os.environ.get("PATH"))))
    found = shutil.which(name, path=places)
    if found is None:
        pytest.skip(f"{name} is not installed; install it into an environment of its own, and name that")
    return found


@contextmanager
def running(name: str, server: VlmServer, folder: Path) -> Iterator[str]:
    """Run a gateway in front of a server, and give its base URL."""
    gateway, program = GATEWAYS[name], find_program(GATEWAYS[name].program)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    path = folder / f"gateway{gateway.suffix}"
    values = {"port": port, "path": path, "key": KEY, "upstream_key": UPSTREAM_KEY, "model": MODEL}
    path.write_text(gateway.config.format(upstream=server.openai_base_url, **values))
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    with (folder / "gateway.log").open("wb") as log:
        command = [program, *(one.format(**values) for one in gateway.arguments)]
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_until_up(process, f"http://127.0.0.1:{port}/v1/models", folder / "gateway.log")
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()
            process.wait()


def wait_until_up(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    until = time.monotonic() + LONGEST_START_S
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while True:
        try:
            opener.open(url).close()
        except urllib.error.HTTPError as error:
            error.close()
        except OSError:
            assert process.poll() is None, log.read_text()[-2000:]
            assert time.monotonic() < until, log.read_text()[-2000:]
            time.sleep(0.2)
            continue
        return


@pytest.fixture(scope="module", params=GATEWAYS)
def behind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, VlmServer]]:
    """Give the base URL of a gateway, and the server behind it."""
    folder = tmp_path_factory.mktemp("gateway")
    # A gateway adds fields of its own, so requests are not checked.
    with VlmServer(has_checks=False) as server, running(request.param, server, folder) as base_url:
        yield base_url, server


def name_of(request: pytest.FixtureRequest) -> str:
    return str(request.node.callspec.params["behind"])


class Calls:
    """Calls of `descan collect` on one corpus through a gateway."""

    def __init__(self, collect: Collect, folder: Path, base_url: str, patch: pytest.MonkeyPatch) -> None:
        self.collect, self.base_url, self.patch = collect, base_url, patch
        self.faces, self.out = draw_pictures(folder / "faces", N_ITEMS), folder / "corpus"

    def run(self, *settings: str, model: str = "study-model", key: str = KEY) -> Outcome:
        self.patch.setenv("GATEWAY_KEY", key)
        given = (f"base_url={self.base_url}", "api_key_env=GATEWAY_KEY", f"allow_served={MODEL}", *settings)
        sets = [part for setting in given for part in ("--set", setting)]
        arguments = ("--model", f"openai:{model}", "--mode", "classify", "--concurrency", 2, *sets)
        outcome = self.collect(self.faces, "--out", self.out, *arguments)
        kept = outcome.out + outcome.err + "".join(path.read_text() for path in self.out.glob("*.*l"))
        assert [secret for secret in (KEY, UPSTREAM_KEY, key) if secret in kept] == []
        return outcome

    def statuses(self) -> dict[Any, int]:
        return Counter(answer.status for answer in load_answers(read_corpus(self.out)))


@pytest.fixture
def calls(
    collect: Collect, tmp_path: Path, behind: tuple[str, VlmServer], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Calls]:
    yield Calls(collect, tmp_path, behind[0], monkeypatch)
    behind[1].script = Script()


def test_every_question_is_answered(calls: Calls) -> None:
    outcome = calls.run()
    assert outcome.code == 0, outcome.err
    assert calls.statuses() == {"ok": N_ITEMS}


def test_a_wrong_key_stops_the_model_and_is_named(calls: Calls) -> None:
    outcome = calls.run(key="sk-of-someone-else-0123456789")
    assert outcome.code == 1
    assert "study-model is stopped: 4" in outcome.err
    assert "check the key in GATEWAY_KEY" in outcome.err
    assert not read_lines(calls.out / "failures.jsonl")


def test_a_wrong_name_is_never_the_fault_of_an_item(calls: Calls, request: pytest.FixtureRequest) -> None:
    outcome = calls.run("max_attempts=1", model="no-such-model")
    assert outcome.code == 1
    assert f"{N_ITEMS} answers are left" in outcome.err
    assert read_lines(calls.out / "answers.jsonl") == []
    assert all(line["retryable"] for line in read_lines(calls.out / "failures.jsonl"))
    if name_of(request) == "litellm":  # LM-Proxy answers 500 without a word.
        assert "no-such-model is stopped: 400" in outcome.err
        assert "check the name of the model" in outcome.err


def test_what_passes_is_asked_again_through_a_gateway(calls: Calls, behind: tuple[str, VlmServer]) -> None:
    behind[1].script = Script(faults=(FaultRule("429_milliseconds", n_attempts=1),))
    outcome = calls.run()
    assert outcome.code == 0, outcome.err
    assert calls.statuses() == {"ok": N_ITEMS}


def test_an_address_without_v1_is_told_or_works(calls: Calls) -> None:
    calls.base_url = calls.base_url.removesuffix("/v1")
    outcome = calls.run()
    is_told = "the base URL has no /v1, which most servers have at its end" in outcome.err
    assert (outcome.code, is_told) in ((0, False), (1, True))


def test_litellm_refuses_a_parameter_and_that_is_no_fault_of_an_item(
    calls: Calls, request: pytest.FixtureRequest
) -> None:
    if name_of(request) != "litellm":
        pytest.skip("only LiteLLM checks parameters")
    outcome = calls.run("thinking=low")
    assert outcome.code == 1
    assert "the server refuses thinking; if it may be left out: --set 'study-model.thinking='" in outcome.err
    assert not read_lines(calls.out / "failures.jsonl")


def test_litellm_answers_by_itself(calls: Calls, request: pytest.FixtureRequest) -> None:
    if name_of(request) != "litellm":
        pytest.skip("only LiteLLM has answers of its own")
    outcome = calls.run(model="mocked")
    assert outcome.code == 0, outcome.err
    assert {line["text"] for line in read_lines(calls.out / "answers.jsonl")} == {"Happy"}
