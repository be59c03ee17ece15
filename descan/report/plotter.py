"""A process that draws pictures into files while this one goes on."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from descan.errors import WorkerError
from descan.report.charts import Figure
from descan.report.palette import Theme

_PROGRAM = "import sys; sys.path[:] = sys.argv[3:]; from descan.report.painter import main; main()"

_BEYOND_FONTS = re.compile(
    "[^ -~\u00a0-\u017f\u0391-\u03a1\u03a3-\u03c9\u0410-\u044f"
    "\u2013-\u2015\u2017-\u201e\u2020-\u2022\u2026\u2030\u2032\u2033\u2039\u203a\u20ac\u2122\u2190-\u2195\u2212\u2248\u2260\u2264\u2265]"
)
"""Characters that the fonts of vl-convert may lack; those of the system are asked for them."""


class Plotter:
    """Draws figures in processes of its own: one with the fonts of vl-convert, one with all, each when first needed."""

    def __init__(self, folder: Path, theme: Theme) -> None:
        """Start no process yet.

        Args:
            folder: Where the files go; made if need be.
            theme: For paper (light) or for slides (dark).
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._theme = theme
        self._painters: dict[bool, _Painter] = {}
        self._written: list[Path] = []

    def begin(self) -> None:
        """Start the process that draws what most figures need, which imports its libraries while this one goes on."""
        self._painter(is_beyond=False)

    def add(self, *figures: Figure) -> None:
        """Have `NAME.svg` and `NAME.png` of figures written by the time that `finish` returns, if they are drawn.

        A name that was added before is not drawn again.
        """
        for figure in figures:
            self._add(figure)

    def finish(self) -> list[Path]:
        """Wait for all files and give their paths.

        Raises:
            WorkerError: If a process ended before its work.
        """
        for painter in self._painters.values():
            painter.finish()
        return self._written

    def end(self) -> None:
        """Leave no process behind."""
        for painter in self._painters.values():
            painter.end()

    def _add(self, figure: Figure) -> None:
        paths = [self._folder / f"{figure.name}.{end}" for end in ("svg", "png")]
        if figure.spec is None or paths[0] in self._written:
            return
        line = json.dumps([figure.name, figure.spec], ensure_ascii=False, allow_nan=False)
        self._painter(is_beyond=_BEYOND_FONTS.search(line) is not None).send(line)
        self._written += paths

    def _painter(self, *, is_beyond: bool) -> "_Painter":
        if is_beyond not in self._painters:
            self._painters[is_beyond] = _Painter(self._folder, self._theme, has_system_fonts=is_beyond)
        return self._painters[is_beyond]


@contextmanager
def opened_plotter(folder: Path, theme: Theme = Theme.LIGHT) -> Iterator[Plotter]:
    """Give a plotter, whose files are there when the block ends without an error.

    Raises:
        WorkerError: If a process ended before its work.
    """
    plotter = Plotter(folder, theme)
    try:
        yield plotter
        plotter.finish()
    finally:
        plotter.end()


def write_plots(figures: Iterable[Figure], folder: Path, theme: Theme = Theme.LIGHT) -> list[Path]:
    """Write `NAME.svg` and `NAME.png` of every figure that is drawn, the same bytes for the same figures.

    Args:
        figures: What `draw_figures` gives.
        folder: Made if need be.
        theme: For paper (light) or for slides (dark).

    Returns:
        The files written.
    """
    with opened_plotter(folder, theme) as plotter:
        for figure in figures:
            plotter.add(figure)
        return plotter.finish()


class _Painter:
    """One process; it takes figures as lines of its standard input."""

    def __init__(self, folder: Path, theme: Theme, *, has_system_fonts: bool) -> None:
        self._faults: IO[bytes] = TemporaryFile()  # noqa: SIM115 (closed by `end`)
        with as_file(files("descan.report").joinpath("fonts.conf")) as fonts:
            environment = {} if has_system_fonts else {"FONTCONFIG_FILE": str(fonts)}
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, str(folder), str(theme), *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._faults,
            env=os.environ | environment,
            # Ctrl-C goes to this process alone, which ends the other.
            process_group=0 if os.name == "posix" else None,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )

    def send(self, line: str) -> None:
        assert self._process.stdin is not None
        # One that is gone already is told by `finish`.
        with suppress(OSError):
            self._process.stdin.write(line.encode("utf-8", "surrogatepass") + b"\n")
            self._process.stdin.flush()

    def finish(self) -> None:
        self._close()
        code = self._process.wait()
        if code == 0:
            return
        self._faults.seek(0)
        story = self._faults.read().decode(errors="replace").rstrip()
        told = [line for line in story.splitlines() if line[:1].strip()][-1:]
        reason = signal.Signals(-code).name if code < 0 else "".join(told) or f"exit code {code}"
        error = WorkerError(f"the process that draws the plots ended: {reason}")
        error.add_note(f"In that process:\n{story}")
        raise error

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._close()
        self._faults.close()

    def _close(self) -> None:
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
