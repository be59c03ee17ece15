"""How a corpus is analyzed."""

from dataclasses import dataclass, field

from descan.categorize.readings import ReadingWeights
from descan.categorize.term_categories import TermsBy
from descan.compare import CompareOptions
from descan.embedding import DEFAULT_EMBEDDER, NO_EMBEDDER
from descan.errors import OptionError, check_number
from descan.report.writing import ReportOptions

MAX_JOBS = 256
"""Each takes 300 MB; past one machine there are clusters."""

MAX_BLOCK_ANSWERS = 100_000
"""A block is held in memory."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the descriptions are read, if not on this machine.

    Attributes:
        scheduler: Address of a Dask scheduler, such as `tcp://10.0.0.1:8786`.
        shared: Folder, as path or URL, that this machine and all workers can write to and that holds the parts while
            they are made; None for the output folder itself.
    """

    scheduler: str
    shared: str | None = None


@dataclass(frozen=True, slots=True)
class AnalyzeOptions:
    """How a corpus is analyzed.

    Attributes:
        embedder: Name or path of a sentence-transformers model for terms that the lexicon does not have, or `none`.
        terms_by: What decides on the category of a term: the lexicon before the embedder, or the embedder alone.
        compare: How descriptions, labels and gold are compared.
        weights: How much each mention counts in a reading.
        report: What the page shows, or None for no page, plots and map.
        n_jobs: Processes that read descriptions; None for one for each processor, and fewer for a small corpus.
        has_workers: True to work in such processes even where one does all work: it takes seconds more, but the memory
            of spaCy and of the comparison is given back. False to start none, and None for where there is much.
        block_answers: Answers that are read at once, or None for what suits the place where they are read.
        has_cache: Keep what was extracted, and take it from there where the same was read before.
        cluster: Where the descriptions are read, or None for this machine.
    """

    embedder: str = DEFAULT_EMBEDDER
    terms_by: TermsBy = TermsBy.LEXICON
    compare: CompareOptions = field(default_factory=CompareOptions)
    weights: ReadingWeights = field(default_factory=ReadingWeights)
    report: ReportOptions | None = field(default_factory=ReportOptions)
    n_jobs: int | None = None
    has_workers: bool | None = None
    block_answers: int | None = None
    has_cache: bool = True
    cluster: Cluster | None = None

    def __post_init__(self) -> None:
        """Check the numbers, and that there is an embedder where all depends on it.

        Raises:
            OptionError: If a number is not allowed, or is not a whole number, or if the embedder is missing.
        """
        if self.terms_by is TermsBy.EMBEDDING and self.embedder == NO_EMBEDDER:
            raise OptionError("terms_by", "embedding needs an embedder; name one, or use terms by lexicon")
        if self.cluster is not None and self.has_workers is False:
            raise OptionError("workers", "cannot be off on a cluster, whose workers read; name no scheduler")
        if self.n_jobs is not None and self.has_workers is False:
            raise OptionError("n_jobs", "is for workers; leave it out, because this process reads alone")
        for name, value, most in (
            ("n_jobs", self.n_jobs, MAX_JOBS),
            ("block_answers", self.block_answers, MAX_BLOCK_ANSWERS),
        ):
            if value is not None:
                check_number(name, value, 1, most)
