"""`descan analyze`: the stages extract, categorize, compare and report over one corpus."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

from descan import schemas
from descan.categorize.labels import LabelParser
from descan.categorize.readings import Reader, ReadingWeights
from descan.categorize.terms import TermCategorizer
from descan.compare import CompareOptions, compare, read_human_readings
from descan.corpus import Corpus
from descan.embedding import DEFAULT_EMBEDDER, NO_EMBEDDER, Embedder, load_embedder
from descan.errors import InputError
from descan.extract import extract_all
from descan.lexicon import load_lexicon
from descan.output import RUN_FILE, staged_output
from descan.parquet import RowWriter
from descan.records import Answer, Extraction, Label, Mode, Reading, Status
from descan.report.writing import REPORT_FILES, ReportOptions, write_report
from descan.results import Analysis

BLOCK_ANSWERS = 1_000
"""Answers that are in memory at a time."""

REPORTED_VERSIONS = ("descan", "spacy", "sentence-transformers", "duckdb", "pyarrow", "numpy", "scipy")


@dataclass(frozen=True, slots=True)
class AnalyzeOptions:
    """How a corpus is analyzed.

    Attributes:
        embedder: Name or path of a sentence-transformers model for terms that the lexicon does not have, or `none`.
        compare: How descriptions, labels and gold are compared.
        weights: How much each mention counts in a reading.
        report: What the page shows, or None for no page, plots and map.
    """

    embedder: str = DEFAULT_EMBEDDER
    compare: CompareOptions = field(default_factory=CompareOptions)
    weights: ReadingWeights = field(default_factory=ReadingWeights)
    report: ReportOptions | None = field(default_factory=ReportOptions)


def analyze(
    corpus: Corpus,
    out: Path | str,
    options: AnalyzeOptions | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> Analysis:
    """Analyze a corpus into a folder: Parquet files, tables, `run.json` and the report.

    Args:
        corpus: What `read_corpus` gives.
        out: A new or empty folder, or that of an earlier analysis, which is replaced.
        options: How to analyze.
        on_progress: Is told now and then how many bytes of the corpus are read.

    Returns:
        The analysis, with what `run.json` holds: versions, options, counts, and what was left out and why.

    Raises:
        InputError: If the corpus or the output folder is not what is allowed.
        SetupError: If the embedder is needed and cannot be loaded.
    """
    options = options or AnalyzeOptions()
    _check_apart(corpus, Path(out))
    if options.compare.human_readings is not None:
        read_human_readings(options.compare.human_readings)  # A mistake there is better known before than after.
    with staged_output(Path(out), REPORT_FILES) as folder:
        analyst = _Analyst(corpus, options)
        analyst.write(folder, on_progress)
        compare(folder, replace(options.compare, language=corpus.language))
        run = analyst.run()
        (folder / RUN_FILE).write_text(json.dumps(run, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        if options.report is not None:
            write_report(
                folder, folder, replace(options.report, media_folder=options.report.media_folder or corpus.folder)
            )
    return Analysis(Path(out), run)


class _Analyst:
    """Carries one corpus through extract and categorize."""

    def __init__(self, corpus: Corpus, options: AnalyzeOptions) -> None:
        self._corpus = corpus
        self._options = options
        self._lexicon = load_lexicon(corpus.language)
        self._embedder: Embedder | None = None if options.embedder == NO_EMBEDDER else load_embedder(options.embedder)
        self._categorizer = TermCategorizer(self._lexicon, self._embedder)
        self._reader = Reader(self._lexicon, options.weights)
        self._labels = LabelParser(corpus.aliases)
        self._unread: Counter[str] = Counter()
        self._counts: dict[str, int] = {}

    def write(self, folder: Path, on_progress: Callable[[int], None] | None) -> None:
        """Stream the answers into the Parquet files that the comparison reads."""
        with ExitStack() as stack:

            def table(name: str) -> RowWriter:
                return stack.enter_context(RowWriter(folder / f"{name}.parquet", getattr(schemas, name.upper())))

            items, answers, mentions = table("items"), table("answers"), table("mentions")
            readings, labels = table("readings"), table("labels")
            items.extend((item.item_id, item.gold, item.group, item.media) for item in self._corpus.items.values())
            for block in _blocks(self._corpus.answers(on_progress), BLOCK_ANSWERS):
                answers.extend(map(_answer_row, block))
                labels.extend(_label_row(answer, self._label(answer)) for answer in block if not _describes(answer))
                described = [answer for answer in block if _describes(answer) and answer.status is Status.OK]
                for answer, extraction in self._extractions(described):
                    mentions.extend(_mention_rows(answer, extraction))
                    readings.extend((_reading_row(answer, self._reader.read(extraction)),))
                self._unread.update(
                    f"describe_{answer.status}"
                    for answer in block
                    if _describes(answer) and answer.status is not Status.OK
                )
        tables = {"items": items, "answers": answers, "descriptions": readings, "labels": labels, "mentions": mentions}
        self._counts = {name: table.n_rows for name, table in tables.items()}

    def run(self) -> dict[str, Any]:
        """Give what `run.json` says."""
        corpus, options = self._corpus, self._options
        embedded = self._embedder is not None and self._categorizer.has_embedded
        return {
            "descan": version("descan"),
            "versions": {name: version(name) for name in REPORTED_VERSIONS},
            "corpus": {
                "name": corpus.name,
                "language": corpus.language,
                "source": corpus.source,
                "licence": corpus.licence,
                "sha256": corpus.digest(),
            },
            "lexicon_sha256": self._lexicon.digest,
            "embedder": {
                "name": options.embedder,
                "identity": self._embedder.identity if embedded and self._embedder else None,
                "used": embedded,
            },
            "seed": options.compare.seed,
            "options": {
                "label_mode": str(options.compare.label_mode),
                "support": str(options.compare.support),
                "lenient_threshold": options.compare.lenient_threshold,
                "confidence": options.compare.confidence,
                "resamples": options.compare.n_resamples,
                "contested_models": options.compare.contested_models,
                "human_readings_sha256": _digest(options.compare.human_readings),
                "weights": asdict(options.weights),
            },
            "counts": self._counts,
            "left_out": dict(sorted((corpus.left_out + self._unread).items())),
        }

    def _extractions(self, answers: Sequence[Answer]) -> Iterator[tuple[Answer, Extraction]]:
        extractions = list(extract_all((answer.text for answer in answers), self._corpus.language))
        return zip(answers, self._categorizer.categorize(extractions), strict=True)

    def _label(self, answer: Answer) -> Label:
        if answer.status is not Status.OK:
            return Label(None, str(answer.status))
        return self._labels.parse(answer.text)


def _digest(path: Path | None) -> str | None:
    return None if path is None else hashlib.sha256(path.read_bytes()).hexdigest()


def _check_apart(corpus: Corpus, out: Path) -> None:
    """Refuse an output folder whose files would be read as answers of the corpus."""
    folders = {path.parent.resolve() for path in corpus.answer_files if path.parent.name == "answers"}
    folders |= {path.parent.resolve() / "answers" for path in corpus.other_files}
    if out.resolve() in folders:
        raise InputError(out, "is where the corpus has its answers; name another folder")


def _blocks(answers: Iterator[Answer], size: int) -> Iterator[list[Answer]]:
    while block := list(islice(answers, size)):
        yield block


def _describes(answer: Answer) -> bool:
    return answer.mode is Mode.DESCRIBE


def _answer_row(answer: Answer) -> tuple[object, ...]:
    return (
        answer.item_id,
        answer.model,
        answer.repeat,
        str(answer.mode),
        str(answer.status),
        answer.text,
        answer.latency_s,
        answer.input_tokens,
        answer.output_tokens,
        answer.thinking_tokens,
        answer.cost_usd,
    )


def _label_row(answer: Answer, label: Label) -> tuple[object, ...]:
    return answer.item_id, answer.model, str(answer.mode), answer.repeat, label.label, label.reason


def _mention_rows(answer: Answer, extraction: Extraction) -> Iterable[tuple[object, ...]]:
    for mention in extraction.mentions:
        yield (
            answer.item_id,
            answer.model,
            answer.repeat,
            *mention[:_N_PLAIN_COLUMNS],
            mention.negated,
            mention.hedged,
            mention.degree,
            mention.side,
            mention.target,
            mention.negation_cue,
            mention.hedge_cue,
            mention.is_conclusion,
        )


_N_PLAIN_COLUMNS = 12
"""Columns of a mention from `kind` to `similarity`, which stand in the schema as in the record."""


def _reading_row(answer: Answer, reading: Reading) -> tuple[object, ...]:
    return (
        answer.item_id,
        answer.model,
        answer.repeat,
        reading.described,
        *reading.scores,
        reading.valence,
        reading.actions_described,
        reading.terms_described,
        reading.actions_share,
        reading.terms_share,
        reading.n_words,
        reading.n_actions,
        reading.n_regions,
        reading.n_emotions,
        reading.n_hedged,
        reading.n_negated,
        reading.refused,
        list(reading.named),
        reading.described_without_embedding,
    )
