"""How long does the command line take to say what it can, and to analyze the sample, whose work is mostly to start?

And does it load torch only where a term needs it?
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.texts import ROOT

N_REPEATS = 5
MAX_HELP_S = 0.4

_RUN = "import sys; from descan.cli.app import app; app(standalone_mode=False)"
_KNOWN_TEXT = "Her brows are furrowed, her lips are pressed together, and she looks angry."


def describe_startup() -> str:
    """Time `descan --help` and `descan analyze corpora/sample`; look for torch where the lexicon knows all words."""
    with tempfile.TemporaryDirectory() as folder:
        rounds = [_time_sample_s(Path(folder) / str(number)) for number in range(N_REPEATS)]
    colds, warms = zip(*rounds, strict=True)
    helps = [_time_s("--help") for _ in range(N_REPEATS)]
    torch = "imports torch" if _imports_torch() else "imports no torch"
    return "\n".join(
        [
            f"{'seconds on the clock':<54}{'best':>8}{'median':>8}",
            f"{_row('descan --help', helps)}   (at most {MAX_HELP_S})",
            _row("descan analyze corpora/sample, with an empty cache", colds),
            _row("descan analyze corpora/sample, again", warms),
            f"descan explain without unknown terms: {torch}",
        ]
    )


def _row(name: str, seconds: Sequence[float]) -> str:
    return f"{name:<54}{min(seconds):>8.2f}{median(seconds):>8.2f}"


def _time_sample_s(folder: Path) -> tuple[float, float]:
    """Return the seconds of an analysis with an empty cache and of another after it."""
    command = ("analyze", str(ROOT / "corpora" / "sample"), "--out", str(folder / "out"))
    cache = {"DESCAN_CACHE_DIR": str(folder / "cache")}
    return _time_s(*command, **cache), _time_s(*command, **cache)


def _time_s(*arguments: str, **environment: str) -> float:
    begin = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "descan", *arguments], env=os.environ | environment, capture_output=True, check=True
    )
    return time.perf_counter() - begin


def _imports_torch() -> bool:
    script = f"{_RUN}; print('torch' in sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", script, "explain", _KNOWN_TEXT]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stderr.split()[-1] == "True"
