"""The Files API of Gemini: a resumable upload, then PROCESSING until the file is ACTIVE, or FAILED."""

import base64
import hashlib
import itertools
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.vlm_server.counts import Counts
from tests.vlm_server.exchange import HttpRequest, Json, Media, ModelRequest, Response, json_response
from tests.vlm_server.faults import gemini_error
from tests.vlm_server.script import Script
from tests.vlm_server.understanding import RuleError, parse_object

LIFE = timedelta(hours=48)


@dataclass(slots=True)
class _File:
    name: str
    media: Media
    display_name: str
    created: datetime
    polls_left: int
    fault: str

    @property
    def state(self) -> str:
        if self.polls_left > 0:
            return "PROCESSING"
        return "FAILED" if self.fault == "upload_failed" else "ACTIVE"


@dataclass(slots=True)
class _Upload:
    mime_type: str
    n_bytes: int
    display_name: str
    data: bytearray


class UnusableFileError(Exception):
    """A file that a request names cannot be used; holds the response that says so."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


class GeminiFiles:
    """The files that were uploaded.

    Args:
        n_polls: How often a file is seen PROCESSING before it is ACTIVE or FAILED.
    """

    def __init__(self, counts: Counts, n_polls: int) -> None:
        self._counts = counts
        self._n_polls = n_polls
        self._files: dict[str, _File] = {}
        self._uploads: dict[str, _Upload] = {}
        self._ids = itertools.count(1)
        self._clock_offset = timedelta()

    def pass_time(self, duration: timedelta) -> None:
        """Let time pass for files: they live 48 hours."""
        self._clock_offset += duration

    def find(self, uri: str) -> Media:
        """Return the file that a request names.

        Raises:
            UnusableFileError: If it is not there (any more) or not ACTIVE.
        """
        file = self._living(uri.rsplit("/", 1)[-1])
        if file.fault == "upload_expired":
            del self._files[file.name]
            raise _gone(file.name)
        if file.state != "ACTIVE":
            message = f"The File {file.name} is not in an ACTIVE state and usage is not allowed."
            raise UnusableFileError(json_response(400, gemini_error(400, message, "FAILED_PRECONDITION")))
        return file.media

    def respond(self, request: HttpRequest, root: str, script: Script) -> Response:
        """Answer a request to the Files API.

        Raises:
            RuleError: If it breaks a rule.
            UnusableFileError: If it names a file that is not there.
        """
        if request.path.startswith("/upload/"):
            upload_id = re.search(r"upload_id=(\w+)", request.query)
            return self._receive(request, root, script, upload_id[1]) if upload_id else self._start(request, root)
        name = request.path.removeprefix("/v1beta/files").strip("/")
        if not name:
            return json_response(200, {"files": [self._describe(file, root) for file in self._files.values()]})
        file = self._living(name)
        if request.method == "DELETE":
            del self._files[name]
            self._counts.n_deleted += 1
            return json_response(200, {})
        file.polls_left -= 1
        return json_response(200, self._describe(file, root))

    def _start(self, request: HttpRequest, root: str) -> Response:
        headers = request.headers
        wanted = {"x-goog-upload-protocol": "resumable", "x-goog-upload-command": "start"}
        wrong = [name for name, value in wanted.items() if headers.get(name) != value]
        n_bytes, mime_type = (headers.get(f"x-goog-upload-header-content-{name}", "") for name in ("length", "type"))
        if wrong or not n_bytes.isdecimal() or "/" not in mime_type:
            raise RuleError(f"upload: the start has wrong headers: {', '.join(wrong) or 'length or type'}")
        file = parse_object(request.body).get("file", {})
        upload_id = f"upload{next(self._ids)}"
        self._uploads[upload_id] = _Upload(mime_type, int(n_bytes), file.get("displayName", ""), bytearray())
        url = f"{root}/upload/v1beta/files?upload_id={upload_id}&upload_protocol=resumable"
        return json_response(200, {}, (("X-Goog-Upload-URL", url), ("X-Goog-Upload-Status", "active")))

    def _receive(self, request: HttpRequest, root: str, script: Script, upload_id: str) -> Response:
        upload = self._uploads.get(upload_id)
        if upload is None or request.headers.get("x-goog-upload-offset") != str(len(upload.data)):
            raise RuleError("upload: an unknown upload, or a chunk at a wrong offset")
        upload.data += request.body
        if "finalize" not in request.headers.get("x-goog-upload-command", ""):
            return json_response(200, {}, (("X-Goog-Upload-Status", "active"),))
        if len(upload.data) != upload.n_bytes:
            raise RuleError(f"upload: {len(upload.data)} bytes, {upload.n_bytes} were announced")
        del self._uploads[upload_id]
        file = self._keep(upload, script)
        return json_response(200, {"file": self._describe(file, root)}, (("X-Goog-Upload-Status", "final"),))

    def _keep(self, upload: _Upload, script: Script) -> _File:
        media = Media.of(upload.mime_type, bytes(upload.data))
        number, attempt = self._counts.number_upload(media.sha256)
        fault = script.fault_of(ModelRequest("upload", "", "", (media,), {}, number, attempt))
        name = f"file{next(self._ids)}"
        self._files[name] = _File(name, media, upload.display_name, self._now(), self._n_polls, fault)
        return self._files[name]

    def _living(self, name: str) -> _File:
        file = self._files.get(name)
        if file is None or file.created + LIFE <= self._now():
            raise _gone(name)
        return file

    def _now(self) -> datetime:
        return datetime.now(UTC) + self._clock_offset

    def _describe(self, file: _File, root: str) -> Json:
        digest = hashlib.sha256(file.media.data).hexdigest().encode()
        described: Json = {
            "name": f"files/{file.name}",
            "mimeType": file.media.mime_type,
            "sizeBytes": str(len(file.media.data)),
            "createTime": _write_time(file.created),
            "updateTime": _write_time(file.created),
            "expirationTime": _write_time(file.created + LIFE),
            "sha256Hash": base64.b64encode(digest).decode(),
            "uri": f"{root}/v1beta/files/{file.name}",
            "state": file.state,
            "source": "UPLOADED",
        }
        if file.display_name:
            described["displayName"] = file.display_name
        if file.state == "FAILED":
            described["error"] = {"code": 13, "message": "The video could not be processed."}
        return described


def _gone(name: str) -> UnusableFileError:
    message = f"You do not have permission to access the File {name} or it may not exist."
    return UnusableFileError(json_response(403, gemini_error(403, message, "PERMISSION_DENIED")))


def _write_time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
