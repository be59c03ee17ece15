"""What is lost: pairs of item and model without a verdict, why, and what would mend it."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any, Final

from descan.lexicon import load_profile, name_language, readable_languages
from descan.report.analysis_tables import AnalysisTables, Row
from descan.report.limits import MODELS_IN_FIGURE
from descan.report.wording import count, isolate, join_some, join_words, percent, spell

MIN_SHARE: Final = 0.1
"""A model that loses more of its pairs is reported before any share."""

_OF_BOTH = ("refused", "blocked", "truncated", "empty", "failed")
"""What may be wrong with a description as well as with a label."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Why some pairs of a model have no verdict.

    Attributes:
        side: What is missing: gold, description or label.
        reason: As in `verdicts.parquet`.
        n: Number of pairs.
        share: Of all pairs of the model.
        examples: Some of their items.
        excerpt: The beginning of the first one's text.
        remedy: What would mend it.
    """

    side: str
    reason: str
    n: int
    share: float
    examples: str
    excerpt: str
    remedy: str


@dataclass(frozen=True, slots=True)
class ModelLosses:
    """What a model loses.

    Attributes:
        model: Its name.
        n: Pairs without a verdict.
        n_pairs: All its pairs.
        losses: The reasons, most first.
    """

    model: str
    n: int
    n_pairs: int
    losses: Sequence[Loss]

    @property
    def share(self) -> float:
        """The share of pairs without a verdict, 0 to 1."""
        return self.n / self.n_pairs

    def describe(self, limit: int) -> str:
        """Say how many pairs have no verdict, and why; of the reasons at most `limit`."""
        named = [f"{loss.n:,} {_spell_reason(loss)}" for loss in self.losses]
        reasons = join_some(named, limit, separator=", ")
        if self.n == self.n_pairs:
            return f"all {self.n:,}: {reasons}"
        return f"{self.n:,} of {self.n_pairs:,} ({percent(self.share)}): {reasons}"


def find_losses(tables: AnalysisTables) -> list[ModelLosses]:
    """Return the models of which more than `MIN_SHARE` of the pairs have no verdict; those that lose most first."""
    found = []
    for model, group in groupby(tables.rows("unscored"), key=lambda row: row["model"]):
        rows = list(group)
        losses = ModelLosses(model, sum(row["n"] for row in rows), rows[0]["n_items"], [_loss(row) for row in rows])
        if losses.share > MIN_SHARE:
            found.append(losses)
    return sorted(found, key=lambda losses: -losses.share)


def losses_headline(losses: Sequence[ModelLosses], tables: AnalysisTables) -> str:
    """Return the sentence that comes before all numbers; nothing where no model loses much."""
    if not losses:
        return ""
    n_unscored = sum(tables.count_unscored().values())
    if n_unscored == tables.n_pairs:
        return f"Without a verdict: all {count(n_unscored, 'pair')} of item and model."
    n_models = f"{len(losses):,} of {count(len(tables.models), 'model')}"
    return (
        f"Without a verdict: {n_unscored:,} of {count(tables.n_pairs, 'pair')} of item and model, more than a tenth "
        f"for {n_models}. All shares are of the rest, which may not be like the whole."
    )


def describe_remedies(losses: Sequence[ModelLosses]) -> dict[str, str]:
    """Return reason -> what it means, and what would mend it; the most frequent reason first."""
    counts: dict[str, int] = {}
    for loss in (loss for model in losses for loss in model.losses):
        counts[loss.reason] = counts.get(loss.reason, 0) + loss.n
    return {
        spell(reason): f"{_remedies()[reason]['means']}: {_remedy(reason)}"
        for reason in sorted(counts, key=lambda reason: -counts[reason])
        if reason in _remedies()
    }


def unread_languages(run: Mapping[str, Any]) -> str:
    """Say how many descriptions are in languages that descan does not read; nothing if there are none."""
    languages = run.get("languages", {})
    unread = languages.get("unread", {})
    if not unread:
        return ""
    n_unread = sum(unread.values())
    n_all = n_unread + sum(languages.get("read", {}).values())
    named = join_words([f"{n:,} in {name_language(code)}" for code, n in unread.items()])
    commands = dict.fromkeys(profile.install for code in unread if not (profile := load_profile(code)).is_installed)
    return (
        f"Not read: {n_unread:,} of {count(n_all, 'description')}, {named}. descan reads only {_readable()}, so "
        "these have no verdict, whatever they say." + "".join(f" To read more: {command}." for command in commands)
    )


@dataclass(frozen=True, slots=True)
class PageLosses:
    """What the page says of losses, before anything else.

    Attributes:
        warnings: Sentences.
        models: Models and what they lose.
        more: How many more models there are, in words.
        remedies: Reasons, what they mean and what would mend them.
    """

    warnings: Sequence[str]
    models: Sequence[tuple[str, str]]
    more: str
    remedies: Sequence[tuple[str, str]]


def page_losses(tables: AnalysisTables) -> PageLosses | None:
    """Return what the page says of losses; None where there are none to speak of."""
    losses = find_losses(tables)
    warnings = [warning for warning in (losses_headline(losses, tables), unread_languages(tables.run)) if warning]
    if not warnings:
        return None
    n_more = len(losses) - MODELS_IN_FIGURE
    return PageLosses(
        warnings,
        [(isolate(one.model), one.describe(len(one.losses))) for one in losses[:MODELS_IN_FIGURE]],
        f"and {count(n_more, 'more model')}: see tables/unscored.csv" if n_more > 0 else "",
        list(describe_remedies(losses).items()),
    )


def loss_records(losses: Sequence[ModelLosses]) -> list[dict[str, Any]]:
    """Return losses as they stand in `run.json`."""
    return [
        {"model": one.model, "n": one.n, "n_pairs": one.n_pairs, "reasons": [asdict(loss) for loss in one.losses]}
        for one in losses
    ]


def _loss(row: Row) -> Loss:
    cells = {name: row[name] for name in ("side", "reason", "n", "share", "examples", "excerpt")}
    return Loss(**cells, remedy=_remedy(row["reason"]))


def _spell_reason(loss: Loss) -> str:
    """Name a reason, and whether the description or the label has it where both may."""
    return spell(loss.reason) + (f" ({loss.side})" if loss.reason in _OF_BOTH else "")


def _remedy(reason: str) -> str:
    return _remedies().get(reason, {}).get("remedy", "").replace("{languages}", _readable())


def _readable() -> str:
    return join_words([name_language(code) for code in readable_languages() if load_profile(code).is_installed])


@cache
def _remedies() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files("descan.report").joinpath("remedies.toml").read_text(encoding="utf-8"))
