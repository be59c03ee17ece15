"""OpenAI's files and batches: a batch moves on a state with each look at it, so that no test waits for a clock."""

import itertools
import json
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.vlm_server.exchange import HttpRequest, Json, Response, json_response
from tests.vlm_server.faults import openai_error
from tests.vlm_server.understanding import RuleError, parse_object

MAX_LINES = 50_000
MAX_BYTES = 200_000_000

AnswerLine = Callable[[str, Json], Response]


@dataclass(frozen=True, slots=True)
class BatchCourse:
    """How batches go.

    Attributes:
        n_polls: How often a batch is seen at work before it ends.
        end: How it ends; an expired one has answered the first half of its lines.
    """

    n_polls: int = 1
    end: Literal["completed", "failed", "expired"] = "completed"


@dataclass(slots=True)
class _Batch:
    state: Json
    lines: list[Json]
    polls_left: int
    end: str
    answered: list[Json] = field(default_factory=list)


class OpenAIBatches:
    """The files and batches of one account.

    Attributes:
        course: How the batches that are created from now on go.
    """

    def __init__(self, course: BatchCourse, answer_line: AnswerLine) -> None:
        self.course = course
        self._answer_line = answer_line
        self._files: dict[str, tuple[Json, bytes]] = {}
        self._batches: dict[str, _Batch] = {}
        self._ids = itertools.count(1)

    def respond(self, request: HttpRequest) -> Response:
        """Answer a request to /v1/files or /v1/batches.

        Raises:
            RuleError: If it breaks a rule.
        """
        kind, _, rest = request.path.removeprefix("/v1/").partition("/")
        name, _, action = rest.partition("/")
        route = (request.method, kind, action if name else None)
        if route == ("POST", "files", None):
            return self._upload(request)
        if route == ("POST", "batches", None):
            return self._create(parse_object(request.body))
        if route in {("GET", "files", None), ("GET", "batches", None)}:
            return self._list(kind, request.query)
        known: dict[str, Any] = self._files if kind == "files" else self._batches
        if name not in known:
            error = openai_error(f"No such {kind} object: {name}", "invalid_request_error", None, "id")
            return json_response(404, error)
        return self._respond_to(route, name)

    def _respond_to(self, route: tuple[str, str, str | None], name: str) -> Response:
        match route:
            case ("GET", "files", ""):
                return json_response(200, self._files[name][0])
            case ("GET", "files", "content"):
                return Response(200, self._files[name][1], "application/octet-stream")
            case ("DELETE", "files", ""):
                del self._files[name]
                return json_response(200, {"id": name, "object": "file", "deleted": True})
            case ("GET", "batches", ""):
                return self._look(self._batches[name])
            case ("POST", "batches", "cancel"):
                return self._cancel(self._batches[name])
        raise RuleError(f"no such route: {' '.join(str(part) for part in route)}")

    def _upload(self, request: HttpRequest) -> Response:
        boundary = re.search(r'boundary="?([^";]+)', request.headers.get("content-type", ""))
        if boundary is None:
            raise RuleError("/v1/files: not multipart/form-data")
        fields: dict[str, tuple[str, bytes]] = {}
        for part in request.body.split(b"--" + boundary[1].encode())[1:-1]:
            head, _, content = part.partition(b"\r\n\r\n")
            header = head.decode("utf-8", "replace")
            names = dict(re.findall(r'\b(name|filename)="([^"]*)"', header))
            fields[names.get("name", "")] = (names.get("filename", ""), content.removesuffix(b"\r\n"))
        if "file" not in fields or fields.get("purpose", ("", b""))[1] != b"batch":
            raise RuleError("/v1/files: 'file' and purpose 'batch' are wanted")
        return json_response(200, self._keep(*fields["file"], "batch"))

    def _keep(self, filename: str, content: bytes, purpose: str) -> Json:
        state: Json = {
            "id": f"file-{next(self._ids)}",
            "object": "file",
            "bytes": len(content),
            "created_at": int(time.time()),
            "filename": filename,
            "purpose": purpose,
            "status": "processed",
        }
        self._files[state["id"]] = (state, content)
        return state

    def _create(self, body: Json) -> Response:
        wanted = {"input_file_id", "endpoint", "completion_window"}
        if not wanted <= body.keys() or body["completion_window"] != "24h" or body["input_file_id"] not in self._files:
            raise RuleError(f"/v1/batches: {body}")
        _check_metadata(body.get("metadata") or {})
        content = self._files[body["input_file_id"]][1]
        lines = _read_lines(content, body["endpoint"])
        state: Json = {
            "id": f"batch_{next(self._ids)}",
            "object": "batch",
            "endpoint": body["endpoint"],
            "errors": None,
            "input_file_id": body["input_file_id"],
            "completion_window": "24h",
            "status": "validating",
            "output_file_id": None,
            "error_file_id": None,
            "created_at": int(time.time()),
            "expires_at": int(time.time()) + 86400,
            "request_counts": {"total": 0, "completed": 0, "failed": 0},
            "metadata": body.get("metadata"),
        }
        self._batches[state["id"]] = _Batch(state, lines, self.course.n_polls, self.course.end)
        return json_response(200, state)

    def _list(self, kind: str, query: str) -> Response:
        """List a page, the newest first, as OpenAI does."""
        options = dict(pair.partition("=")[::2] for pair in query.split("&"))
        states = [state for state, _ in self._files.values()] if kind == "files" else []
        states = states or [batch.state for batch in self._batches.values() if kind == "batches"]
        states.reverse()
        ids = [state["id"] for state in states]
        begin = ids.index(options["after"]) + 1 if options.get("after") in ids else 0
        page = states[begin : begin + int(options.get("limit", 20))]
        return json_response(
            200,
            {
                "object": "list",
                "data": page,
                "first_id": page[0]["id"] if page else None,
                "last_id": page[-1]["id"] if page else None,
                "has_more": begin + len(page) < len(states),
            },
        )

    def _look(self, batch: _Batch) -> Response:
        self._move_on(batch)
        return json_response(200, batch.state)

    def _move_on(self, batch: _Batch) -> None:
        state = batch.state
        if state["status"] == "validating":
            state["status"] = "in_progress"
            state["request_counts"]["total"] = len(batch.lines)
            if batch.end == "failed":
                self._fail(batch)
        elif state["status"] == "in_progress" and batch.polls_left > 0:
            batch.polls_left -= 1
        elif state["status"] == "in_progress":
            state["status"] = "finalizing"
            n_answered = len(batch.lines) // 2 if batch.end == "expired" else len(batch.lines)
            batch.answered = [self._answer(line) for line in batch.lines[:n_answered]]
        elif state["status"] == "finalizing":
            self._finish(batch, batch.end)
        elif state["status"] == "cancelling":
            self._finish(batch, "cancelled")

    def _cancel(self, batch: _Batch) -> Response:
        if batch.state["status"] in {"completed", "failed", "expired", "cancelled"}:
            message = f"Cannot cancel a batch with status '{batch.state['status']}'."
            return json_response(400, openai_error(message, "invalid_request_error", None))
        batch.state["status"] = "cancelling"
        return json_response(200, batch.state)

    def _fail(self, batch: _Batch) -> None:
        error = {"code": "invalid_json_line", "message": "Line 1 is not valid.", "param": None, "line": 1}
        batch.state |= {
            "status": "failed",
            "failed_at": int(time.time()),
            "errors": {"object": "list", "data": [error]},
        }

    def _answer(self, line: Json) -> Json:
        response = self._answer_line(line["url"], line["body"])
        body = json.loads(response.body)
        number = next(self._ids)
        return {
            "id": f"batch_req_{number}",
            "custom_id": line["custom_id"],
            "response": {"status_code": response.status, "request_id": f"req_b{number}", "body": body},
            "error": None,
        }

    def _finish(self, batch: _Batch, end: str) -> None:
        """Write the output and the error file, in an order of their own."""
        good = [line for line in batch.answered if line["response"]["status_code"] == 200]
        bad = [line for line in batch.answered if line["response"]["status_code"] != 200]
        code = "batch_cancelled" if end == "cancelled" else "batch_expired"
        error = {"code": code, "message": "This request could not be executed before the completion window expired."}
        bad += [
            {"id": f"batch_req_{next(self._ids)}", "custom_id": line["custom_id"], "response": None, "error": error}
            for line in batch.lines[len(batch.answered) :]
        ]
        for name, lines in (("output_file_id", good), ("error_file_id", bad)):
            random.Random(batch.state["id"]).shuffle(lines)
            content = "".join(json.dumps(line) + "\n" for line in lines).encode()
            if lines:
                batch.state[name] = self._keep(f"{batch.state['id']}_{name}.jsonl", content, "batch_output")["id"]
        counts = {"total": len(batch.lines), "completed": len(good), "failed": len(bad)}
        batch.state |= {"status": end, f"{end}_at": int(time.time()), "request_counts": counts}


def _check_metadata(metadata: Json) -> None:
    is_small = all(isinstance(v, str) and len(k) <= 64 and len(v) <= 512 for k, v in metadata.items())
    if len(metadata) > 16 or not is_small:
        raise RuleError("/v1/batches: metadata are at most 16 texts of at most 512 characters")


def _read_lines(content: bytes, endpoint: str) -> list[Json]:
    lines = [parse_object(line) for line in content.splitlines()]
    if not 1 <= len(lines) <= MAX_LINES or len(content) > MAX_BYTES:
        raise RuleError(f"a batch of {len(lines)} requests and {len(content)} bytes")
    wrong = [
        line
        for line in lines
        if line.keys() != {"custom_id", "method", "url", "body"}
        or (line["method"], line["url"]) != ("POST", endpoint)
        or not isinstance(line["custom_id"], str)
    ]
    if wrong or len({line["custom_id"] for line in lines}) != len(lines):
        raise RuleError("a batch has a line that is not a request to its endpoint, or two with one custom_id")
    if len({line["body"].get("model") for line in lines}) != 1:
        raise RuleError("a batch asks more than one model")
    return lines
