"""Run the server as a process of its own until it is interrupted: `python -m tests.vlm_server`."""

import argparse
import signal
import sys
from pathlib import Path

from tests.vlm_server.server import VlmServer


def main() -> None:
    """Start, print the base URLs as shell assignments, and wait for SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m tests.vlm_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 for any that is free")
    parser.add_argument("--latency", type=float, default=0, help="seconds that a model takes")
    parser.add_argument("--spec", type=Path, help="OpenAI's OpenAPI description, to check requests by")
    parser.add_argument("--no-checks", action="store_true", help="take requests as they come, for speed")
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    with VlmServer(
        latency_s=options.latency, has_checks=not options.no_checks, spec_path=options.spec, port=options.port
    ) as server:
        print(f"OPENAI_BASE_URL={server.openai_base_url}")
        print(f"GOOGLE_GEMINI_BASE_URL={server.gemini_base_url}", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            print(f"{server.counts.n_paid} answers, {server.counts.n_bad} bad requests", file=sys.stderr)


main()
