"""How long does the command line take to say what it can, and does it load torch only where a term needs it?"""

import subprocess
import sys
import time
from statistics import median

N_REPEATS = 5
MAX_HELP_S = 0.4

_RUN = "import sys; from descan.cli import app; app(standalone_mode=False)"
_KNOWN_TEXT = "Her brows are furrowed, her lips are pressed together, and she looks angry."


def describe_startup() -> str:
    """Time `descan --help` and look for torch behind `descan explain` of a text that the lexicon knows."""
    seconds = median(_time_help_s() for _ in range(N_REPEATS))
    limit = "within" if seconds < MAX_HELP_S else "over"
    torch = "imports torch" if _imports_torch() else "imports no torch"
    return f"descan --help: {seconds:.2f} s, {limit} {MAX_HELP_S} s\ndescan explain without unknown terms: {torch}"


def _time_help_s() -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-m", "descan", "--help"], capture_output=True, check=True)
    return time.perf_counter() - begin


def _imports_torch() -> bool:
    script = f"{_RUN}; print('torch' in sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", script, "explain", _KNOWN_TEXT]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stderr.split()[-1] == "True"
