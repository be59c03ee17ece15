"""The addresses of the local pages: every case below one secret path, the sample that people mark below another."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from descan.errors import InputError, explain_os_error
from descan.report.thumbnails import make_thumbnail
from descan.review.case_pages import FILTERS, CasePages
from descan.review.marking import Marking, Marks, Task
from descan.review.pages import PAGE_SIZE
from descan.review.progress import ProgressMeter
from descan.review.readings_file import ReadingsFile

_MAX_PAGE_SIZE = 200
_MAX_BODY_BYTES = 64_000

_HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
}


class _Asked(BaseModel):
    """What the page of a reader sends."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reader: str
    place: int = -1
    described: str = ""
    second: str = ""
    note: str = ""
    present: list[str] | None = Field(default=None, max_length=100)
    denied: list[str] | None = Field(default=None, max_length=100)


def make_app(case_routes: Sequence[Route], marking_routes: Sequence[Route], tokens: tuple[str, str]) -> Starlette:
    """Return the application. It answers under the names of this machine alone, so that no web site can reach it.

    Args:
        case_routes: What shows what descan found.
        marking_routes: What readers see.
        tokens: The first part of the path of each; that of readers opens nothing of the former.
    """
    mounts = [
        Mount(f"/{token}", routes=routes) for token, routes in zip(tokens, (case_routes, marking_routes), strict=True)
    ]
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"], www_redirect=False)
    return Starlette(routes=mounts, middleware=[Middleware(_WithHeaders), hosts])


def make_case_routes(pages: CasePages, file: ReadingsFile, page: str, media_folder: Path | None) -> list[Route]:
    """Return the routes of all cases.

    Args:
        pages: The cases.
        file: The readings.
        page: HTML of the page that lists them.
        media_folder: Of the corpus, or None to show no pictures. Nothing outside it is opened.
    """

    def show_page(_: Request) -> Response:
        return HTMLResponse(page)

    def list_cases(request: Request) -> Response:
        start, size = _parse_number(request, "start", 0), _parse_number(request, "size", PAGE_SIZE)
        n, cases = pages.read_page(_filters(request), start, min(size, _MAX_PAGE_SIZE))
        return JSONResponse({"n": n, "cases": cases})

    def export_cases(request: Request) -> Response:
        return StreamingResponse(
            pages.write_csv(_filters(request)), media_type="text/csv", headers=_attach("cases.csv")
        )

    def export_readings(_: Request) -> Response:
        return Response(file.write_csv(), media_type="text/csv", headers=_attach("readings.csv"))

    def show_picture(request: Request) -> Response:
        path = pages.find_media(int(request.path_params["place"]))
        picture = None if path is None or media_folder is None else make_thumbnail(media_folder, path)
        return Response(status_code=404) if picture is None else Response(picture, media_type="image/webp")

    return [
        Route("/", show_page),
        Route("/cases", list_cases),
        Route("/cases.csv", export_cases),
        Route("/readings.csv", export_readings),
        Route("/pictures/{place:int}", show_picture),
    ]


def make_marking_routes(marking: Marking, meter: ProgressMeter, page: str) -> list[Route]:
    """Return the routes of the sample.

    Args:
        marking: The sample and its readings.
        meter: Tells readers how wide the intervals are.
        page: HTML of the page that readers mark.
    """

    def show_page(_: Request) -> Response:
        return HTMLResponse(page)

    def show_progress(_: Request) -> Response:
        progress = meter.measure(marking.file.readings)
        return JSONResponse(None if progress is None else asdict(progress))

    def next_task(asked: _Asked) -> Task:
        return marking.next_task(asked.reader)

    def read(asked: _Asked) -> Task:
        present, denied = (None if marks is None else tuple(marks) for marks in (asked.present, asked.denied))
        marks = Marks(asked.described, asked.second, asked.note, present, denied)
        return marking.read(asked.reader, asked.place, marks)

    def take_back(asked: _Asked) -> Task:
        return marking.take_back(asked.reader)

    return [
        Route("/", show_page),
        Route("/progress", show_progress),
        *(
            Route(path, _answering(answer), methods=["POST"])
            for path, answer in (("/next", next_task), ("/readings", read), ("/undo", take_back))
        ),
    ]


def _attach(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}"'}


def _answering(answer: Callable[[_Asked], Task]) -> Callable[[Request], Any]:
    """Return an endpoint that reads JSON and answers with the next task, or says what is wrong."""

    async def respond(request: Request) -> Response:
        try:
            asked = _Asked.model_validate(json.loads(await _read_body(request)))
        except (ValueError, RecursionError, ValidationError):
            return _refuse(400, "this is not what the page of a reader sends")
        try:
            task = await run_in_threadpool(answer, asked)
        except InputError as error:
            return _refuse(400, str(error))
        except OSError as error:
            return _refuse(507, f"The reading is not saved: {explain_os_error(error)}")
        before = None if task.before is None else task.before.model_dump(exclude={"item_id", "model", "repeat"})
        return JSONResponse({**asdict(task), "before": before})

    return respond


async def _read_body(request: Request) -> bytes:
    """Return the body of a request.

    Raises:
        ValueError: If it is not JSON by its header, which a form on another site cannot send, or is too long.
    """
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise ValueError("not JSON")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MAX_BODY_BYTES:
            raise ValueError("too long")
    return body


def _refuse(status: int, problem: str) -> Response:
    return JSONResponse({"problem": problem}, status_code=status)


def _filters(request: Request) -> dict[str, str]:
    return {name: value for name, value in request.query_params.items() if name in FILTERS and value}


def _parse_number(request: Request, name: str, default: int) -> int:
    given = request.query_params.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else default


class _WithHeaders:
    """Adds to every response that nothing of it is kept, framed, or told to other servers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self._app(scope, receive, send_with_headers)
