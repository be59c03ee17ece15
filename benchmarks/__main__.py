"""Run the benchmarks that need no network: `python -m benchmarks [NAME ...]`, or `make bench` for all of them."""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.alternatives import describe_alternatives, missing_parts
from benchmarks.bootstrap import describe_bootstrap
from benchmarks.collecting import describe_collecting
from benchmarks.extraction import describe_extraction
from benchmarks.jobs import describe_jobs
from benchmarks.languages import describe_languages
from benchmarks.report import describe_report
from benchmarks.scale import describe_scale
from benchmarks.simulation.proof import describe_simulation
from benchmarks.startup import describe_startup

BENCHMARKS: Mapping[str, Callable[[], str]] = {
    "extraction": describe_extraction,
    "alternatives": describe_alternatives,
    "languages": describe_languages,
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
    parser.add_argument(
        "--against", type=Path, metavar="FOLDER", help="run those of another checkout as well, in turns"
    )
    arguments = parser.parse_args()
    names = arguments.names or list(BENCHMARKS)
    if unknown := [name for name in names if name not in BENCHMARKS]:
        parser.error(f"no benchmark {', '.join(unknown)}; use some of {', '.join(BENCHMARKS)}")
    for name in names:
        if arguments.against:
            run_elsewhere(name, arguments.against.resolve())
        print(f"{name}: running", file=sys.stderr, flush=True)
        print(f"## {name}\n{BENCHMARKS[name]()}\n", flush=True)
    missing = missing_parts() if "alternatives" in names else []
    for part in missing:
        print(f"not run: {part}", file=sys.stderr)
    return 1 if missing else 0


def run_elsewhere(name: str, checkout: Path) -> None:
    """Print a benchmark of another checkout, which measures the code there."""
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    print(f"# {checkout}", flush=True)
    subprocess.run([sys.executable, "-m", "benchmarks", name], cwd=checkout, env=environment, check=True)
    print(f"# {Path.cwd()}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
