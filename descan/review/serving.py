"""`descan review`: the local server, from opening an analysis to Ctrl-C."""

import socket
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe

from duckdb import DuckDBPyConnection

from descan.errors import OptionError, SetupError, check_number
from descan.lexicon import inventory_of, load_lexicon
from descan.report.analysis_tables import AnalysisTables, read_analysis
from descan.report.cases import count_pairs
from descan.report.record_pairs import MEMORY_GB, open_records
from descan.report.writing import check_media_folder
from descan.review.case_pages import CasePages
from descan.review.marking import Marking
from descan.review.pages import render_cases_page, render_marking_page
from descan.review.progress import ProgressMeter
from descan.review.readings_file import Reading, ReadingsFile, open_readings
from descan.review.sampling import draw_descriptions
from descan.storage.output import check_analysis

HOST = "127.0.0.1"

_BACKLOG = 64
_GRACE_S = 1
_MEMORY_FACTOR = 4
"""A server stays; queries of large analyses need not fail first to get this much memory."""


@dataclass(frozen=True, slots=True)
class ReviewOptions:
    """What is reviewed, and how.

    Attributes:
        readings: The file of readings; None for `DIR-readings.jsonl` beside the analysis.
        n: Descriptions in the sample.
        is_weighted: The sample has more of the verdicts whose descriptions descan is likely to misread.
        n_shared: How many of them everybody reads; None for all.
        seed: Of the sample; None for that of the analysis.
        port: To listen on; 0 for one that is free.
        media_folder: Of the corpus, for small pictures of its items; None for none.
    """

    readings: Path | None = None
    n: int = 200
    is_weighted: bool = False
    n_shared: int | None = None
    seed: int | None = None
    port: int = 0
    media_folder: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            OptionError: If a number is not allowed.
            InputError: If there is no such folder.
        """
        check_number("n", self.n, 1)
        check_number("port", self.port, 0, 65_535)
        if self.n_shared is not None:
            check_number("shared", self.n_shared, 0)
        if self.seed is not None:
            check_number("seed", self.seed, 0)
        check_media_folder(self.media_folder)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the pages are while the server runs.

    Attributes:
        cases: The page of all cases.
        marking: The page for readers; nothing of the other can be found from it.
        readings: The file of readings.
        n_by_model: Descriptions in the sample by model.
        n_read: Readings that the file has already.
    """

    cases: str
    marking: str
    readings: Path
    n_by_model: Mapping[str, int]
    n_read: int


def serve_review(folder: Path, options: ReviewOptions, on_start: Callable[[Addresses], None]) -> list[Reading]:
    """Serve the pages of an analysis on this machine alone until a signal comes.

    Args:
        folder: Of the analysis. Nothing is written there.
        options: What to serve.
        on_start: Is told the addresses as soon as they answer.

    Returns:
        What the file of readings holds after Ctrl-C.

    Raises:
        InputError: If the folder is not that of an analysis, the port is taken, or the file of readings cannot be used.
        SetupError: If the extra `review` is not installed.
    """
    try:
        import uvicorn

        from descan.review.app import make_app, make_case_routes, make_marking_routes
    except ImportError as error:
        raise SetupError("descan review needs `pip install 'descan[review]'`") from error
    check_analysis(folder)
    tables = read_analysis(folder)
    seed = int(tables.run.get("seed", 0)) if options.seed is None else options.seed
    path = options.readings or folder.parent / f"{folder.resolve().name}-readings.jsonl"
    records = open_records(
        folder, tables.categories, label_mode=tables.label_mode, seed=seed, memory_gb=_MEMORY_FACTOR * MEMORY_GB
    )
    with _listen(options.port) as listener, open_readings(path) as file, records as connection:
        tokens = token_urlsafe(16), token_urlsafe(16)
        pages = CasePages(connection, tables.categories)
        marking = _open_marking(connection, tables, file, options)
        meter = ProgressMeter(connection, tables.categories, tables.confidence)
        cases_page = render_cases_page(
            tables, count_pairs(connection), pages.list_names(), has_pictures=options.media_folder is not None
        )
        marking_page = render_marking_page(tables, marking)
        app = make_app(
            make_case_routes(pages, file, cases_page, options.media_folder),
            make_marking_routes(marking, meter, marking_page),
            tokens,
        )
        root = f"http://{HOST}:{listener.getsockname()[1]}"
        cases, readers = (f"{root}/{token}/" for token in tokens)
        on_start(Addresses(cases, readers, path, Counter(one.model for one in marking.sample), len(file.readings)))
        config = uvicorn.Config(
            app,
            log_level="error",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=_GRACE_S,
            server_header=False,
        )
        with suppress(KeyboardInterrupt):  # This is how people end it.
            uvicorn.Server(config).run(sockets=[listener])
        return file.readings


def _open_marking(
    connection: DuckDBPyConnection, tables: AnalysisTables, file: ReadingsFile, options: ReviewOptions
) -> Marking:
    sample = draw_descriptions(connection, options.n, is_weighted=options.is_weighted)
    n_shared = options.n if options.n_shared is None else options.n_shared
    return Marking(file, sample, n_shared, tables.categories, inventory_of(load_lexicon()).actions)


@contextmanager
def _listen(port: int) -> Iterator[socket.socket]:
    """Yield a socket that listens on this machine alone.

    Raises:
        OptionError: If the port is taken.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
            listener.listen(_BACKLOG)
        except OSError as error:
            raise OptionError("port", f"{port} is not free: {error.strerror}; leave it out for one that is") from error
        yield listener
