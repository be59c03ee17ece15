"""What a person may choose about the comparison."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from descan.compare.bootstrap import Resampling
from descan.corpus.witnesses import MAX_INTENSITY
from descan.emotions import CategorySet
from descan.errors import OptionError, check_number, quote
from descan.lexicon import load_category_set
from descan.records import DEFAULT_LANGUAGE, Mode

LABEL_MODES = (Mode.CLASSIFY, Mode.CLASSIFY6, Mode.TWO_STAGE, Mode.DECIDE)
"""The modes whose answers give a label."""


MAX_MODELS = 2_000
"""More models than this are most likely the values of another column; each takes a tenth of a second."""

MIN_CONFIDENCE, MAX_CONFIDENCE = 0.01, 0.9999
"""Beyond these, an interval has no width that can be written, or no resample outside."""

MIN_RESAMPLES = 100
"""The ends of an interval need some resamples beyond them."""

MAX_RESAMPLES = 100_000
"""More would take gigabytes and change no digit that anyone reads."""

MEMORY_GB_PER_THREAD = 0.15
"""With less than an eighth of a gigabyte a thread, DuckDB may fail where it cannot work from a file."""


class Support(StrEnum):
    """When a description supports the gold category."""

    STRICT = "strict"
    LENIENT = "lenient"


@dataclass(frozen=True, slots=True)
class CompareOptions:
    """How verdicts are given and how much of the machine the comparison may use.

    Attributes:
        label_mode: The mode whose answers give the label of a verdict.
        support: The rule of `verdicts.parquet`; `tables/` has the verdicts by both.
        lenient_threshold: By the lenient rule a description supports gold when gold's score is at least this.
        confidence: Of every interval, from `MIN_CONFIDENCE` to `MAX_CONFIDENCE`.
        n_resamples: Bootstrap resamples behind an interval.
        seed: Of the random numbers; same seed, same tables.
        primary: The one test that stands outside the families and is not corrected, such as `modes:MODEL`; see
            `descan.compare.primary`.
        margin: Differences below this share are of no importance: two sides are called equal where the interval of
            their difference lies within it.
        min_coverage: Where fewer of the items have an answer that names a category, from 0 to 1, people are shown the
            bounds of accuracy instead of accuracy.
        mixed_model: Write `mixed_model.csv`, too.
        contested_models: Gold is contested where so many models agree otherwise; None for most that judged the item.
        human_readings: Files of what people and judges read in this corpus's descriptions; see `load_readings`.
        override: What people read stands in the place of descan's readings, except where descan's are checked.
        present_intensity: A unit that a witness tells is there from this intensity on, above 0 and at most 5.
        present_probability: The same of its probability, above 0 and at most 1.
        seen_probability: In mode decide, a model sees an action from this probability on, above 0 and at most 1.
        witness_errors: A file that says how often witnesses err, `published` for descan's own one, or None.
        coder: The witness who counts as the truth about the others, on the items that both tell of, or None.
        action_marks: A file of the actions that people marked in descriptions, or None.
        speaking_actions: Action -> the categories that it speaks for, to tell why a description does not support gold.
        aliases: Word or number -> category, in readings of people and judges.
        language: Of the descriptions (ISO 639-1); without human readings its own misreadings are taken.
        categories: The category set of gold, readings and labels.
        threads: DuckDB's threads, or None for one per processor.
        memory_gb: Above this DuckDB works from a temporary file; None for `MEMORY_GB_PER_THREAD` or,
            beyond a million answers, up to 2.
    """

    label_mode: Mode = Mode.CLASSIFY
    support: Support = Support.STRICT
    lenient_threshold: float = 0.25
    confidence: float = 0.95
    n_resamples: int = 10_000
    seed: int = 0
    primary: str | None = None
    margin: float = 0.05
    min_coverage: float = 0.5
    mixed_model: bool = False
    contested_models: int | None = None
    human_readings: tuple[Path, ...] = ()
    override: bool = False
    present_intensity: float = 1.0
    present_probability: float = 0.5
    seen_probability: float = 0.5
    witness_errors: Path | None = None
    coder: str | None = None
    action_marks: Path | None = None
    speaking_actions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    language: str = DEFAULT_LANGUAGE
    categories: CategorySet = field(default_factory=load_category_set)
    threads: int | None = None
    memory_gb: float | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be computed.

        Raises:
            OptionError: If a value is not allowed.
        """
        if self.label_mode not in LABEL_MODES:
            allowed = ", ".join(LABEL_MODES)
            raise OptionError("label_mode", f"must be one of {allowed}, not {quote(str(self.label_mode))}")
        if self.support not in tuple(Support):
            raise OptionError("support", f"must be one of {', '.join(Support)}, not {quote(str(self.support))}")
        if self.override and not self.human_readings:
            raise OptionError("override", "needs what people read; give human readings too")
        above_0 = "above 0 and at most 1"
        check_number("lenient_threshold", self.lenient_threshold, math.ulp(0), 1, is_whole=False, allowed=above_0)
        check_number("margin", self.margin, math.ulp(0), 1, is_whole=False, allowed=above_0)
        of_intensity = f"above 0 and at most {MAX_INTENSITY:g}"
        check_number(
            "present_intensity",
            self.present_intensity,
            math.ulp(0),
            MAX_INTENSITY,
            is_whole=False,
            allowed=of_intensity,
        )
        check_number("present_probability", self.present_probability, math.ulp(0), 1, is_whole=False, allowed=above_0)
        check_number("seen_probability", self.seen_probability, math.ulp(0), 1, is_whole=False, allowed=above_0)
        check_number("confidence", self.confidence, MIN_CONFIDENCE, MAX_CONFIDENCE, is_whole=False)
        check_number("min_coverage", self.min_coverage, 0, 1, is_whole=False)
        check_number("n_resamples", self.n_resamples, MIN_RESAMPLES, MAX_RESAMPLES)
        check_number("seed", self.seed, 0)
        for name in ("contested_models", "threads"):
            if getattr(self, name) is not None:
                check_number(name, getattr(self, name), 1)
        if self.memory_gb is not None:
            check_number("memory_gb", self.memory_gb, math.ulp(0), is_whole=False, allowed="more than 0")

    @property
    def resampling(self) -> Resampling:
        """How intervals are made."""
        return Resampling(n_resamples=self.n_resamples, seed=self.seed, confidence=self.confidence)
