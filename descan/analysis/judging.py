"""LLMs that read the descriptions of an analysis blind: what is asked by `collect`, and the readings of the replies."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from descan.analysis.results import open_analysis
from descan.categorize.labels.parser import LabelParser
from descan.collect.collecting import collect
from descan.collect.display import Display
from descan.collect.result import CollectResult
from descan.collect.run_settings import RunSettings
from descan.collect.sources.descriptions import Description, stream_descriptions
from descan.collect.store.answers_file import Kind
from descan.corpus.folder_writing import lock_corpus
from descan.corpus.formats import ColumnNames, stream_rows
from descan.corpus.readings import JUDGE_COLUMNS, READING_COLUMNS, ReaderKind, ReadingStatus
from descan.emotions import UNDECIDED, Category, CategorySet
from descan.errors import explain_os_error
from descan.lexicon import run_category_set
from descan.records import Status
from descan.storage.atomic import replace_file
from descan.storage.publishing import RUN_FILE
from descan.storage.safe_csv import Cell, write_csv

READINGS_FILE = "readings.csv"
"""In the folder of the judges."""

_REFUSAL = "Refusal"
"""What a judge is asked to reply where a text declines to describe, or describes nobody."""


@dataclass(slots=True)
class JudgeCounts:
    """What one judge's replies came to.

    Attributes:
        n_read: Readings that name a category or Undecided.
        n_undecided: Of those, Undecided.
        n_refusal: Descriptions that the judge calls no description.
        unread: Why replies have no reading, as a reason of `Label` or a `Status` -> how many descriptions.
    """

    n_read: int = 0
    n_undecided: int = 0
    n_refusal: int = 0
    unread: Counter[str] = field(default_factory=Counter)

    @property
    def n_unparsed(self) -> int:
        """Descriptions whose reply has no reading."""
        return self.unread.total()


@dataclass(frozen=True, slots=True)
class Judging:
    """What judges have read.

    Attributes:
        collected: How the asking ended.
        readings: The file with all readings in the folder, also those of earlier runs.
        judges: Name of the judge -> what its replies came to.
    """

    collected: CollectResult
    readings: Path
    judges: Mapping[str, JudgeCounts]

    def describe(self) -> Iterator[str]:
        """Yield what the readings are, a line for each judge."""
        for name, counts in self.judges.items():
            told = f"{name}: {counts.n_read:,} readings ({counts.n_undecided:,} Undecided)"
            if counts.n_refusal:
                told += f", {counts.n_refusal:,} called no description"
            if counts.n_unparsed:
                reasons = ", ".join(f"{reason} {n:,}" for reason, n in sorted(counts.unread.items()))
                told += f"; {counts.n_unparsed:,} replies have no reading: {reasons}"
            yield told


@dataclass(frozen=True, slots=True)
class _Reply:
    """What a judge replied to a text; `described` is empty unless the status is `READ`."""

    judge: str
    judge_repeat: int
    status: ReadingStatus
    described: str
    reason: str
    cost_usd: float | None
    latency_s: float | None


def judge_descriptions(
    run: RunSettings, display: Display, *, is_dry: bool = False, retries_failed: bool = False, waits: bool = False
) -> Judging | None:
    """Ask judges what is left of a run, and write the readings of all replies.

    Args:
        run: With `texts` set, and an analysis as its source.
        display: Shows the plan and the progress.
        is_dry: Show the plan and write nothing.
        retries_failed: Also ask again what failed because of the text.
        waits: Wait until batches are over.

    Returns:
        None of a dry run.

    Raises:
        InputError: If the analysis, the folder or an option is not allowed.
        SetupError: If a key is missing, or a package that the run needs.
    """
    result = collect(run, display, is_dry=is_dry, retries_failed=retries_failed, waits=waits)
    if result is None:
        return None
    with lock_corpus(run.out):
        return replace(_write_readings(run), collected=result)


def _write_readings(run: RunSettings) -> Judging:
    categories = run_category_set(open_analysis(run.source).run, run.source / RUN_FILE)
    replies = _load_replies(run.out / Kind.ANSWER, categories)
    judges: dict[str, JudgeCounts] = {}
    path = run.out / READINGS_FILE
    descriptions = stream_descriptions(run.source)
    rows = _reading_rows(descriptions, replies, judges)
    try:
        with replace_file(path) as partial:
            write_csv(partial, (*READING_COLUMNS, *JUDGE_COLUMNS), rows)
    except OSError as error:
        raise explain_os_error(error, "cannot be written", path) from error
    return Judging(CollectResult(run.out, ()), path, dict(sorted(judges.items())))


def _reading_rows(
    descriptions: Iterator[Description], replies: Mapping[str, list[_Reply]], judges: dict[str, JudgeCounts]
) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows of `readings.csv`, and count them; a text that several descriptions share was paid for once."""
    paid: set[str] = set()
    for one in descriptions:
        for reply in replies.get(one.text_id, ()):
            is_first = one.text_id not in paid
            _count(judges.setdefault(reply.judge, JudgeCounts()), reply)
            described = reply.described if reply.status is ReadingStatus.READ else str(reply.status)
            yield (
                *(one.item_id, one.model, one.repeat, reply.judge, str(ReaderKind.JUDGE), described, "", reply.reason),
                *(reply.judge_repeat, *((reply.cost_usd, reply.latency_s) if is_first else (None, None))),
            )
        paid.add(one.text_id)


def _count(counts: JudgeCounts, reply: _Reply) -> None:
    if reply.status is ReadingStatus.UNPARSED:
        counts.unread[reply.reason] += 1
    elif reply.status is ReadingStatus.REFUSAL:
        counts.n_refusal += 1
    else:
        counts.n_read += 1
        counts.n_undecided += reply.described == UNDECIDED


def _load_replies(path: Path, categories: CategorySet) -> dict[str, list[_Reply]]:
    """Load what judges replied to each text, in the order of judge and repeat."""
    further = tuple(Category(name, 0.0) for name in (UNDECIDED, _REFUSAL))
    parser = LabelParser({}, categories=replace(categories, categories=(*categories.categories, *further)))
    found: dict[tuple[str, str, int], _Reply] = {}
    for row in stream_rows(path, ColumnNames()) if path.is_file() else ():
        cells = row.cells
        judge, repeat = str(cells.get("model")), cells.get("repeat")
        number = repeat if isinstance(repeat, int) else 0
        status, described, reason = _read_reply(cells, parser)
        cost, latency = (
            float(value) if isinstance(value, int | float) else None
            for value in (cells.get("cost_usd"), cells.get("latency_s"))
        )
        key = (str(cells.get("item_id")), judge, number)
        found.setdefault(key, _Reply(judge, number, status, described, reason, cost, latency))
    replies: dict[str, list[_Reply]] = {}
    for text_id, judge, number in sorted(found):
        replies.setdefault(text_id, []).append(found[text_id, judge, number])
    return replies


def _read_reply(cells: Mapping[str, object], parser: LabelParser) -> tuple[ReadingStatus, str, str]:
    """Return what became of a reply, what it says, and why it has no reading."""
    if cells.get("status") != Status.OK:
        return ReadingStatus.UNPARSED, "", str(cells.get("status"))
    label = parser.parse(str(cells.get("text")))
    if label.label is None:
        return ReadingStatus.UNPARSED, "", label.reason
    if label.label == _REFUSAL:
        return ReadingStatus.REFUSAL, "", ""
    return ReadingStatus.READ, label.label, ""
