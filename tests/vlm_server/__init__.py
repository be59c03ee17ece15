"""A server on 127.0.0.1 that speaks the protocols of Gemini and OpenAI, checks what it is asked and answers by script.

With it the real SDKs are tested without a key, money or a network: `with VlmServer() as server: ...`, or as a process
of its own: `python -m tests.vlm_server --port 8765 --latency 1`.
"""

from tests.vlm_server.batches import BatchCourse
from tests.vlm_server.counts import Counts
from tests.vlm_server.describer import Describer, Outcome, Part
from tests.vlm_server.exchange import Delivery, Generated, Media, ModelRequest, Response
from tests.vlm_server.faults import FAULTS, closed_base_url
from tests.vlm_server.script import FaultRule, Script
from tests.vlm_server.server import VlmServer

__all__ = [
    "FAULTS",
    "BatchCourse",
    "Counts",
    "Delivery",
    "Describer",
    "FaultRule",
    "Generated",
    "Media",
    "ModelRequest",
    "Outcome",
    "Part",
    "Response",
    "Script",
    "VlmServer",
    "closed_base_url",
]
