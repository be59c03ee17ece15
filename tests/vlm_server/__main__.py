"""Run the server as a process of its own until it is interrupted: `python -m tests.vlm_server`."""

import argparse
import hashlib
import signal
import sys
from pathlib import Path

from benchmarks.emotions import Emotion
from tests.vlm_server.describer import Describer
from tests.vlm_server.script import Script
from tests.vlm_server.server import VlmServer


def main() -> None:
    """Start, print the base URLs as shell assignments, and wait for SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m tests.vlm_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 for any that is free")
    parser.add_argument("--latency", type=float, default=0, help="seconds that a model takes")
    parser.add_argument("--no-checks", action="store_true", help="take requests as they come, for speed")
    parser.add_argument("--gold", type=Path, help="class folders of pictures, to answer as a model of known failures")
    parser.add_argument("--model", action="append", default=[], help="with --gold: a model that will be asked")
    options = parser.parse_args()
    script = Script(Describer.deal(options.model, _read_gold(options.gold))) if options.gold else None
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    with VlmServer(script, latency_s=options.latency, has_checks=not options.no_checks, port=options.port) as server:
        print(f"OPENAI_BASE_URL={server.openai_base_url}")
        print(f"GOOGLE_GEMINI_BASE_URL={server.gemini_base_url}", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            print(f"{server.counts.n_paid} answers, {server.counts.n_bad} bad requests", file=sys.stderr)


def _read_gold(folder: Path) -> dict[str, Emotion]:
    """Return the category of each picture by its SHA-256; folders are named by category."""
    return {
        hashlib.sha256(path.read_bytes()).hexdigest(): category
        for category in Emotion
        for path in sorted(folder.glob(f"**/{category}/*"))
    }


main()
