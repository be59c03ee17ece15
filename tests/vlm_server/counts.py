"""What the server counts; it is asked from other threads, and by HTTP at `/counts` from other processes."""

import threading
import time
from collections import Counter
from typing import Any

from tests.vlm_server.exchange import ModelRequest


class Counts:
    """Requests to models; batches count each of their lines.

    Attributes:
        n_requests: Requests to a model that were understood, answered well or not.
        n_paid: Those for which an answer was generated, whether or not the client got it.
        n_batch: Those of `n_paid` that came in a batch.
        n_bad: Requests of any kind that broke a rule.
        n_uploads: Files that were uploaded to Gemini.
        n_deleted: Those of them that were deleted.
        n_in_flight: Requests that were received and not yet answered.
        max_in_flight: The most of them at one time.
        first_at: When the first request came, in seconds of the epoch, or None.
        last_at: When the last answer was generated.
        requests_by_media: `n_requests` by requested model and SHA-256 of the first picture or clip.
        paid_by_model: `n_paid` by requested model.
        paid_by_item: `n_paid` by requested model and `ModelRequest.key`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.n_requests = 0
        self.n_paid = 0
        self.n_batch = 0
        self.n_bad = 0
        self.n_uploads = 0
        self.n_deleted = 0
        self.n_in_flight = 0
        self.max_in_flight = 0
        self.first_at: float | None = None
        self.last_at: float | None = None
        self.requests_by_media: Counter[tuple[str, str]] = Counter()
        self.paid_by_model: Counter[str] = Counter()
        self.paid_by_item: Counter[tuple[str, str]] = Counter()
        self._attempts: Counter[tuple[str, str]] = Counter()

    def begin(self) -> None:
        """Count a request in."""
        with self._lock:
            self.n_in_flight += 1
            self.max_in_flight = max(self.max_in_flight, self.n_in_flight)

    def end(self) -> None:
        """Count a request out."""
        with self._lock:
            self.n_in_flight -= 1

    def number(self, request: ModelRequest) -> tuple[int, int]:
        """Count a request to a model, and return its number and which attempt at its item it is."""
        with self._lock:
            self.n_requests += 1
            self.first_at = self.first_at or time.time()
            self._attempts[request.model, request.key] += 1
            if request.media:
                self.requests_by_media[request.model, request.media[0].sha256] += 1
            return self.n_requests, self._attempts[request.model, request.key]

    def number_upload(self, sha256: str) -> tuple[int, int]:
        """Count an upload, and return its number and which upload of this file it is."""
        with self._lock:
            self.n_uploads += 1
            self._attempts["upload", sha256] += 1
            return self.n_uploads, self._attempts["upload", sha256]

    def pay(self, request: ModelRequest) -> None:
        """Count an answer that was generated."""
        with self._lock:
            self.n_paid += 1
            self.n_batch += request.is_batch
            self.last_at = time.time()
            self.paid_by_model[request.model] += 1
            self.paid_by_item[request.model, request.key] += 1

    def spoil(self) -> None:
        """Count a request that broke a rule."""
        with self._lock:
            self.n_bad += 1

    def n_bought_twice(self) -> int:
        """Count the answers that were generated for an item beyond the first; repeats of an item count too."""
        with self._lock:
            return sum(n - 1 for n in self.paid_by_item.values())

    def as_dict(self) -> dict[str, Any]:
        """Return the plain numbers."""
        with self._lock:
            return {
                "n_requests": self.n_requests,
                "n_paid": self.n_paid,
                "n_batch": self.n_batch,
                "n_bad": self.n_bad,
                "n_uploads": self.n_uploads,
                "n_in_flight": self.n_in_flight,
                "max_in_flight": self.max_in_flight,
                "first_at": self.first_at,
                "last_at": self.last_at,
                "n_items_paid": len(self.paid_by_item),
                "paid_by_model": dict(self.paid_by_model),
            }
