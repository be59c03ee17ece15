"""How large is the page, how long does writing the report take and how much memory, by the number of descriptions?

The descriptions of afew-qwen (else of the sample) are repeated under fresh names: the files of one analysis are
multiplied, so that the tables, which do not depend on how many there are, stay those of the one. Each report is
written in a process of its own, with maps that no earlier run has kept but with the vectors of the words cached, and
opened in Chromium where that is installed.
"""

import json
import resource
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from descan.analysis import AnalyzeOptions, analyze
from descan.corpus import read_corpus
from descan.report.writing import MAP_FILE, PAGE_FILE, write_report

SIZES = (1_000, 20_000, 200_000)
MAX_OPEN_S = 2.0

_ROOT = Path(__file__).parents[1]
_CORPORA = (_ROOT.parent / "shared" / "corpora" / "afew-qwen", _ROOT / "corpora" / "sample")
_CHROMIUM = Path("/usr/bin/chromium")
_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
_RECORDS = ("items", "answers", "mentions", "readings", "labels", "verdicts")
_N_OPENINGS = 3


@dataclass(frozen=True, slots=True)
class Measurement:
    """One report.

    Attributes:
        first_s: Of writing, the map included.
        again_s: Of writing again, when the places of the map are kept.
        peak_mb: Most memory that the process held.
        page_mb: Of `report.html`.
        open_s: From the address to a page that is drawn and answers; the best of some, or None without Chromium.
    """

    first_s: float
    again_s: float
    peak_mb: float
    page_mb: float
    open_s: float | None


def describe_report(sizes: tuple[int, ...] = SIZES) -> str:
    """Measure each size and return a table."""
    corpus = next(corpus for corpus in _CORPORA if corpus.is_dir())
    lines = [f"report of {corpus.name}, repeated"]
    lines.append(f"{'descriptions':>14}{'first':>9}{'again':>9}{'peak':>10}{'page':>10}{'opens in':>10}")
    with TemporaryDirectory() as folder:
        one = Path(folder) / "one"
        analyze(read_corpus(corpus), one, AnalyzeOptions(report=None))
        for size in sizes:
            many = Path(folder) / str(size)
            n_descriptions = multiply(one, many, size)
            done = _measure_apart(many)
            opened = "–" if done.open_s is None else f"{done.open_s:.2f} s"
            lines.append(
                f"{n_descriptions:>14,}{done.first_s:>7.1f} s{done.again_s:>7.1f} s{done.peak_mb:>7.0f} MB"
                f"{done.page_mb:>7.1f} MB{opened:>10}"
            )
    return "\n".join(lines)


def multiply(one: Path, many: Path, n_descriptions: int) -> int:
    """Write the files of an analysis as often as it takes, with fresh names of items.

    Args:
        one: The folder of an analysis.
        many: A new folder.
        n_descriptions: How many there are to be at least, or at most if one analysis has more.

    Returns:
        How many descriptions there are.
    """
    many.mkdir()
    for path in (*one.glob("tables/*.csv"), one / "run.json"):
        (many / path.relative_to(one)).parent.mkdir(exist_ok=True)
        (many / path.relative_to(one)).write_bytes(path.read_bytes())
    readings = pq.read_table(one / "readings.parquet")
    keeps = None
    if len(readings) > n_descriptions:
        items = readings["item_id"].unique()
        keeps = items[: round(len(items) * n_descriptions / len(readings))]
    n_copies = -(-n_descriptions // len(readings))
    with ExitStack() as stack:
        for name in _RECORDS:
            table = pq.read_table(one / f"{name}.parquet")
            if keeps is not None:
                table = table.filter(pc.is_in(table["item_id"], keeps))
            writer = stack.enter_context(pq.ParquetWriter(many / f"{name}.parquet", table.schema, compression="zstd"))
            place = table.schema.get_field_index("item_id")
            for copy in range(n_copies):
                names = pc.binary_join_element_wise(table["item_id"], pa.scalar(f"copy{copy}"), "-")
                writer.write_table(table.set_column(place, "item_id", names))
    return int(pq.read_metadata(many / "readings.parquet").num_rows)


def _measure_apart(folder: Path) -> Measurement:
    command = [sys.executable, "-m", "benchmarks.report", str(folder)]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True)
    open_s = _open_s(folder / PAGE_FILE) if _CHROMIUM.is_file() else None
    return Measurement(**json.loads(done.stdout) | {"open_s": open_s})


def _measure(folder: Path) -> Measurement:
    first_s, again_s = _time_s(folder), _time_s(folder)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    assert (folder / MAP_FILE).is_file()
    return Measurement(first_s, again_s, peak_mb, (folder / PAGE_FILE).stat().st_size / 1e6, None)


def _time_s(folder: Path) -> float:
    begin = time.perf_counter()
    write_report(folder)
    return time.perf_counter() - begin


def _open_s(page: Path) -> float:
    """Open a page in a fresh browser each time, until its charts are there and it has answered."""
    from playwright.sync_api import sync_playwright

    times = []
    with sync_playwright() as playwright:
        for _ in range(_N_OPENINGS):
            browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
            tab = browser.new_page()
            begin = time.perf_counter()
            tab.goto(page.as_uri(), wait_until="load")
            tab.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
            times.append(time.perf_counter() - begin)
            browser.close()
    return min(times)


if __name__ == "__main__":
    print(json.dumps(asdict(_measure(Path(sys.argv[1])))))
