"""What the server does with a request, whatever carries it."""

import asyncio
import re

from tests.vlm_server.batches import BatchCourse, OpenAIBatches
from tests.vlm_server.checks import check_key, check_model_request
from tests.vlm_server.counts import Counts
from tests.vlm_server.exchange import (
    Generated,
    HttpRequest,
    Json,
    Media,
    ModelRequest,
    Protocol,
    Response,
    json_response,
)
from tests.vlm_server.faults import gemini_error, openai_error
from tests.vlm_server.gemini_files import GeminiFiles, UnusableFileError
from tests.vlm_server.replies import word_reply
from tests.vlm_server.script import Script
from tests.vlm_server.understanding import RuleError, parse_object, understand

_OPENAI_PATHS: dict[str, Protocol] = {
    "/v1/chat/completions": "chat",
    "/v1/responses": "responses",
    "/v1/decisions": "decisions",
}
_GEMINI_DECISIONS = "/v1beta/decisions"
_GEMINI_PATH = re.compile(r"/v1beta/models/([^/:]+):generateContent")
_ACCOUNT_PATHS = ("/v1/files", "/v1/batches")
_FILE_PATHS = ("/upload/v1beta/files", "/v1beta/files")


class Service:
    """Both providers behind one address.

    Attributes:
        script: What is answered; may be replaced at any time.
        latency_s: How long a model takes.
        violations: The rules that requests broke, in words.
    """

    def __init__(
        self,
        script: Script,
        *,
        latency_s: float,
        has_checks: bool,
        n_file_polls: int,
        course: BatchCourse,
    ) -> None:
        self.script = script
        self.latency_s = latency_s
        self.counts = Counts()
        self.violations: list[str] = []
        self.files = GeminiFiles(self.counts, n_file_polls)
        self.batches = OpenAIBatches(course, self._answer_batch_line)
        self.has_checks = has_checks

    async def respond(self, request: HttpRequest) -> Response:
        """Answer a request; one that breaks a rule gets 400 and is noted."""
        if request.path == "/counts":
            return json_response(200, self.counts.as_dict() | {"violations": self.violations})
        self.counts.begin()
        try:
            return await self._route(request)
        except RuleError as error:
            return self._refuse(str(error), is_gemini=_is_gemini(request))
        except UnusableFileError as error:
            return error.response
        finally:
            self.counts.end()

    async def _route(self, request: HttpRequest) -> Response:
        if self.has_checks and "upload_id=" not in request.query:
            check_key(request, is_gemini=_is_gemini(request))
        if request.method == "POST" and request.path in _OPENAI_PATHS:
            return await self._ask(_OPENAI_PATHS[request.path], "", request)
        if request.method == "POST" and (match := _GEMINI_PATH.fullmatch(request.path)):
            return await self._ask("gemini", match[1], request)
        if request.method == "POST" and request.path == _GEMINI_DECISIONS:
            return await self._ask("gemini_decisions", "", request)
        if request.path.startswith(_ACCOUNT_PATHS):
            return self.batches.respond(request)
        if request.path.startswith(_FILE_PATHS):
            return self.files.respond(request, f"http://{request.headers.get('host')}", self.script)
        if request.path.endswith("/chat/completions"):
            return json_response(404, {"detail": "Not Found"})  # A base URL that is not the right one.
        raise RuleError(f"no such route: {request.method} {request.path}")

    async def _ask(self, protocol: Protocol, model: str, request: HttpRequest) -> Response:
        asked = self._take(protocol, model, parse_object(request.body), len(request.body))
        if self.latency_s:
            await asyncio.sleep(self.latency_s)
        return self._answer(asked)

    def _answer_batch_line(self, url: str, body: Json) -> Response:
        try:
            return self._answer(self._take(_OPENAI_PATHS[url], "", body, 0, is_batch=True))
        except RuleError as error:
            return self._refuse(str(error), is_gemini=False)

    def _take(
        self, protocol: Protocol, model: str, body: Json, n_bytes: int, *, is_batch: bool = False
    ) -> ModelRequest:
        asked = understand(protocol, model, body, self._find_file)
        if self.has_checks:
            check_model_request(asked, n_bytes)
        number, attempt = self.counts.number(asked)
        return ModelRequest(protocol, asked.model, asked.prompt, asked.media, body, number, attempt, is_batch)

    def _find_file(self, uri: str) -> Media:
        return self.files.find(uri)

    def _answer(self, asked: ModelRequest) -> Response:
        try:
            reaction = self.script.react(asked)
        except (ValueError, LookupError) as error:
            raise RuleError(f"the script has no answer: {error}") from error
        if not isinstance(reaction, Generated):
            return reaction
        self.counts.pay(asked)
        return word_reply(asked, reaction)

    def _refuse(self, problem: str, *, is_gemini: bool) -> Response:
        self.violations.append(problem)
        self.counts.spoil()
        if is_gemini:
            return json_response(400, gemini_error(400, problem, "INVALID_ARGUMENT"))
        return json_response(400, openai_error(problem, "invalid_request_error", None))


def _is_gemini(request: HttpRequest) -> bool:
    return "/v1beta/" in request.path
