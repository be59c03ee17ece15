"""Two analyses side by side."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from descan.analysis.results import Analysis, open_analysis
from descan.compare.changes.comparing import FLIPS_FILE, Changes, find_changes
from descan.compare.changes.options import ChangeOptions
from descan.compare.changes.settings import compare_settings
from descan.errors import InputError, explain_os_error
from descan.report.changes.comparison import ComparisonTables
from descan.report.changes.writing import PageOptions, write_comparison_page
from descan.storage.output import COMPARISON, staged_output
from descan.storage.publishing import COMPARISON_FILE, RUN_FILE
from descan.storage.scratch import scratch_folder

if TYPE_CHECKING:
    import pandas as pd

_DEFAULT_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, repr=False)
class RunComparison:
    """What changed from one analysis to another, on the same items. In a notebook it shows the changes.

    Attributes:
        a: The analysis that is compared.
        b: The one that it is compared with.
        about: What was compared, how, and what was left out, as in `compare.json`.
        folder: Where the tables and the page are, or None.
        flips: The items whose verdict changed, with labels and readings of both; what is missing is NaN.
    """

    a: Analysis
    b: Analysis
    about: Mapping[str, Any]
    folder: Path | None
    flips: "pd.DataFrame"
    _changes: Changes = field(repr=False)

    @property
    def transitions(self) -> "pd.DataFrame":
        """A's verdicts by B's for each model, over all items and by gold, with counts and shares of A's."""
        return self._frame("transitions")

    @property
    def differences(self) -> "pd.DataFrame":
        """Accuracy, mean recall, macro-F1, support and verdict shares in A and B; B minus A with its interval and p."""
        return self._frame("differences")

    @property
    def tests(self) -> "pd.DataFrame":
        """McNemar's exact tests of right answers and of support."""
        return self._frame("tests")

    @property
    def mentions(self) -> "pd.DataFrame":
        """What was found in the descriptions that are the same in both, where it was found on one side only."""
        return self._frame("mentions")

    @property
    def models(self) -> "pd.DataFrame":
        """For each model how much is compared, left out, the same and changed."""
        return self._frame("models")

    @property
    def tables(self) -> ComparisonTables:
        """The same for the report."""
        return ComparisonTables(self.about, self._changes.tables)

    def __repr__(self) -> str:
        """Say what changed."""
        from descan.report.changes.remarks import tell_flips

        return f"Comparison of {str(self.a.folder)!r} with {str(self.b.folder)!r}: {tell_flips(self.tables)}"

    def _repr_html_(self) -> str:
        """Return the verdicts that changed and the differences as tables."""
        from descan.report.changes.notebook import comparison_html

        return f"<p>{escape(repr(self))}</p>\n{comparison_html(self.tables)}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:  # noqa: ARG002
        """Return the same for every front end; a notebook shows the richest form that it can."""
        return {"text/plain": repr(self), "text/html": self._repr_html_()}

    def _frame(self, name: str) -> "pd.DataFrame":
        import pandas as pd

        return pd.DataFrame(list(self._changes.tables[name]), columns=list(self._changes.columns[name]))


def compare_runs(
    a: Analysis | Path | str,
    b: Analysis | Path | str,
    out: Path | str | None = None,
    *,
    model_map: Mapping[str, str] | None = None,
    margin: float = 0.05,
    confidence: float | None = None,
    n_resamples: int = 10_000,
    seed: int = 0,
    cases_per_cell: int = 25,
    media_folder: Path | str | None = None,
) -> RunComparison:
    """Compare two analyses of the same items: a prompt changed, a model updated, or descan itself.

    Items are paired by `item_id` and model. What only one analysis has and items whose gold differs are left out,
    counted and named.

    Args:
        a: An analysis, or its folder.
        b: The analysis that it is compared with; every change is B minus A.
        out: Folder for tables, page and `compare.json`: new, empty, or an earlier comparison, which is replaced; None
            to write nothing.
        model_map: Name of a model in A -> its name in B. Models of one name are paired, and where each analysis has
            one model, these.
        margin: Changes below this share are of no importance: what surely changed by less is called equal.
        confidence: Confidence level of every interval; None for that of A and B if they agree, else 0.95.
        n_resamples: Bootstrap resamples for an interval.
        seed: Seed of the random numbers; the same seed gives the same tables.
        cases_per_cell: Largest number of items on the page for each pair of verdicts of a model.
        media_folder: Folder of the corpus, for small pictures of its items on the page; None for no pictures.

    Returns:
        The comparison; in a notebook it shows the changes.

    Raises:
        OptionError: If an option has a value that is not allowed.
        InputError: If a folder is not that of an analysis, is damaged, or has nothing in common with the other.
        SetupError: If there is too little memory.
    """
    sides = {side: _open(run) for side, run in (("a", a), ("b", b))}
    options = ChangeOptions(
        model_map=dict(model_map or {}),
        margin=margin,
        confidence=_confidence(sides) if confidence is None else confidence,
        n_resamples=n_resamples,
        seed=seed,
    )
    page = PageOptions(cases_per_cell, None if media_folder is None else Path(media_folder))
    if out is None:
        with scratch_folder() as folder:
            return _compare(sides, folder, options, None, page)
    out = Path(out)
    _check_apart(out, sides)
    with staged_output(out, kind=COMPARISON) as folder:
        return _compare(sides, folder, options, out, page)


def _open(run: Analysis | Path | str) -> Analysis:
    return run.reopen() if isinstance(run, Analysis) else open_analysis(run)


def _confidence(sides: Mapping[str, Analysis]) -> float:
    found = {side.run.get("options", {}).get("confidence") for side in sides.values()}
    return float(found.pop()) if len(found) == 1 and None not in found else _DEFAULT_CONFIDENCE


def _check_apart(out: Path, sides: Mapping[str, Analysis]) -> None:
    for side, analysis in sides.items():
        if out.exists() and out.samefile(analysis.folder):
            raise InputError(
                out, f"is {side.upper()} itself, one of the analyses that are compared; name another folder"
            )


def _compare(
    sides: Mapping[str, Analysis], folder: Path, options: ChangeOptions, out: Path | None, page: PageOptions
) -> RunComparison:
    import pandas as pd

    a, b = sides["a"], sides["b"]
    runs = {side: analysis.run for side, analysis in sides.items()}
    changes = find_changes(a.folder, b.folder, runs, folder, options)
    about = _describe(sides, changes, options)
    if out is not None:
        write_comparison_page(folder, a.folder, b.folder, ComparisonTables(about, changes.tables), page)
        text = json.dumps(about, indent=2, ensure_ascii=False) + "\n"
        (folder / COMPARISON_FILE).write_text(text, encoding="utf-8")
    return RunComparison(a, b, about, out, pd.read_parquet(folder / FLIPS_FILE), changes)


def _describe(sides: Mapping[str, Analysis], changes: Changes, options: ChangeOptions) -> dict[str, Any]:
    """Return the content of `compare.json`."""
    return {
        "descan": version("descan"),
        **{side: _describe_side(analysis) for side, analysis in sides.items()},
        "options": {
            "model_map": dict(options.model_map),
            "margin": options.margin,
            "confidence": options.confidence,
            "resamples": options.n_resamples,
            "seed": options.seed,
        },
        "models": [{"a": a, "b": b} for a, b in changes.models.pairs],
        "models_only_in_a": list(changes.models.only_a),
        "models_only_in_b": list(changes.models.only_b),
        "is_guessed": changes.models.is_guessed,
        "settings": [setting._asdict() for setting in compare_settings(*(analysis.run for analysis in sides.values()))],
        "counts": {
            name: sum(int(row[name]) for row in changes.tables["models"])
            for name in changes.columns["models"]
            if name.startswith("n_")
        },
        "left_out": changes.left_out,
    }


def _describe_side(analysis: Analysis) -> dict[str, Any]:
    run, path = analysis.run, analysis.folder / RUN_FILE
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise explain_os_error(error, "cannot be read", path) from error
    options = run.get("options", {})
    return {
        "folder": str(analysis.folder),
        "run_sha256": digest,
        "corpus": run.get("corpus", {}).get("name", ""),
        "corpus_sha256": run.get("corpus", {}).get("sha256"),
        "descan": run.get("descan"),
        "lexicon_sha256": run.get("lexicon_sha256"),
        "label_mode": options.get("label_mode", "classify"),
        "support": options.get("support", "strict"),
    }
