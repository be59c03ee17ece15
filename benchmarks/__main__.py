"""Run the benchmarks that need no network: `python -m benchmarks [NAME ...]`, or `make bench` for all of them."""

import argparse
import sys
from collections.abc import Callable, Mapping

from benchmarks.alternatives import describe_alternatives, missing_parts
from benchmarks.bootstrap import describe_bootstrap
from benchmarks.collecting import describe_collecting
from benchmarks.extraction import describe_extraction
from benchmarks.jobs import describe_jobs
from benchmarks.report import describe_report
from benchmarks.scale import describe_scale
from benchmarks.simulation.proof import describe_simulation
from benchmarks.startup import describe_startup

BENCHMARKS: Mapping[str, Callable[[], str]] = {
    "extraction": describe_extraction,
    "alternatives": describe_alternatives,
    "startup": describe_startup,
    "bootstrap": describe_bootstrap,
    "collecting": describe_collecting,
    "simulation": describe_simulation,
    "report": describe_report,
    "jobs": describe_jobs,
    "scale": describe_scale,
}


def main() -> int:
    """Run the named benchmarks, or all; 1 if a part of them could not be run on this machine."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Print benchmarks as tables.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"all by default: {', '.join(BENCHMARKS)}")
    names = parser.parse_args().names or list(BENCHMARKS)
    if unknown := [name for name in names if name not in BENCHMARKS]:
        parser.error(f"no benchmark {', '.join(unknown)}; use some of {', '.join(BENCHMARKS)}")
    for name in names:
        print(f"{name}: running", file=sys.stderr, flush=True)
        print(f"## {name}\n{BENCHMARKS[name]()}\n", flush=True)
    missing = missing_parts() if "alternatives" in names else []
    for part in missing:
        print(f"not run: {part}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
