"""An analysis to go on with in Python or a notebook."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from html import escape
from io import StringIO
from pathlib import Path
from shutil import copyfile
from typing import TYPE_CHECKING, Any

from descan.errors import InputError, OptionError, explain_os_error, quote
from descan.report.analysis_tables import AnalysisTables, load_run, read_analysis
from descan.report.losses import page_losses
from descan.report.wording import DASH, number, percent_with_interval, spell
from descan.report.writing import MAP_FILE, PAGE_FILE, ReportOptions, write_report
from descan.storage.output import check_analysis
from descan.storage.scratch import Scratch

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

    from descan.analysis.comparing import RunComparison
    from descan.report.case_list import Cases
    from descan.report.charts import Figure

    Wanted = str | Iterable[str] | None


class Summary(str):
    """Lines of text that a notebook and `print` show as they are."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return the lines themselves."""
        return str(self)


@dataclass(frozen=True, slots=True, repr=False)
class Analysis:
    """An analysis as frames, tables, figures and cases. In a notebook it shows its verdicts.

    Attributes:
        folder: Where its files are. One that was not named is temporary, and is removed with this object or at the end
            of the program.
        run: What `run.json` holds: versions, options, counts, and what was left out and why.
        media_folder: What the items' media are relative to, or None where it is not known.
    """

    folder: Path
    run: Mapping[str, Any]
    media_folder: Path | None = field(default=None, repr=False, compare=False)
    _scratch: Scratch | None = field(default=None, repr=False, compare=False)
    """Removes a temporary folder when the analysis goes."""
    _frames: "dict[str, pd.DataFrame]" = field(default_factory=dict, init=False, repr=False, compare=False)
    _drawn: "dict[str, Figure]" = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def is_temporary(self) -> bool:
        """Whether the folder goes with this object."""
        return self._scratch is not None

    @property
    def items(self) -> "pd.DataFrame":
        """A row an item: item_id, gold (missing if unknown), group, media and gold_distribution.

        This frame and the next five are read when they are first asked for, and are yours from then on: a column that
        you add stays. `records(NAME)` reads a new one.
        """
        return self._keep("items")

    @property
    def answers(self) -> "pd.DataFrame":
        """A row an answer: item_id, model, repeat, mode, status, text, language, latency, tokens and cost."""
        return self._keep("answers")

    @property
    def mentions(self) -> "pd.DataFrame":
        """A row a mention: the answer, the kind (action or emotion), offsets in characters, assertion and category."""
        return self._keep("mentions")

    @property
    def readings(self) -> "pd.DataFrame":
        """A row a description: the category described, a score for each category (0 to 1) and valence (-1 to 1)."""
        return self._keep("readings")

    @property
    def labels(self) -> "pd.DataFrame":
        """A row a reply to classify: its category as `label`, or the `reason` why there is none."""
        return self._keep("labels")

    @property
    def verdicts(self) -> "pd.DataFrame":
        """A row an item and model, with repeats one for each description and label, whose weights sum to 1.

        gold, label, described, verdict, detail, evidence, repeat, label_repeat and weight (0 to 1).
        """
        return self._keep("verdicts")

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of all tables; `descan docs statistics` says what is in them."""
        return tuple(self._names("tables/*.csv"))

    def table(self, name: str) -> "pd.DataFrame":
        """Return `tables/NAME.csv`; undefined numbers are NaN.

        Raises:
            InputError: If there is no such table.
        """
        if name not in (names := self.tables):
            raise InputError(self.folder / "tables", f"table {name!r} is unknown; use one of {', '.join(names)}")
        return self._tables[name].copy()

    def records(self, name: str) -> "pd.DataFrame":
        """Return `NAME.parquet`: items, answers, mentions, readings, labels, verdicts or map.

        Raises:
            InputError: If there is no such file.
        """
        import pandas as pd

        if name not in (names := list(self._names("*.parquet"))):
            raise InputError(self.folder, f"file {name + '.parquet'!r} is unknown; use one of {', '.join(names)}")
        path = self.folder / f"{name}.parquet"
        try:
            return pd.read_parquet(path)
        except (OSError, ValueError) as error:  # ArrowInvalid is a ValueError.
            raise InputError(path, "is not a Parquet file; `descan analyze` writes it") from error

    @property
    def figures(self) -> tuple[str, ...]:
        """The names of all figures that this analysis has; the maps are there once the report is written."""
        return tuple(name for name, figure in self._draw().items() if figure.spec is not None)

    def figure(self, name: str) -> "alt.TopLevelMixin":
        """Return a figure of the report as a chart of Altair.

        A notebook shows it, also without a network. `save("x.pdf")` writes it as .pdf, .svg, .png, .html or .json.

        Args:
            name: One of `figures`.

        Raises:
            InputError: If there is no such figure, or nothing to draw in it.
        """
        from descan.report.altair_charts import altair_chart

        drawn = self._draw()
        if name not in drawn:
            raise InputError(self.folder, f"figure {name!r} is unknown; use one of {', '.join(self.figures)}")
        if drawn[name].spec is None:
            raise InputError(self.folder, f"figure {name!r} is not drawn: {drawn[name].reason}")
        return altair_chart(drawn[name])

    def cases(
        self,
        *,
        verdict: "Wanted" = None,
        model: "Wanted" = None,
        gold: "Wanted" = None,
        action: "Wanted" = None,
        term: "Wanted" = None,
        detail: "Wanted" = None,
        label: "Wanted" = None,
        described: "Wanted" = None,
        item_id: "Wanted" = None,
    ) -> "Cases":
        """Return items and models with what was said of them; a notebook shows the texts with their mentions marked.

        Each option is a value or several; only cases that fit all options are returned.

        Args:
            verdict: right, lucky, labeling_failure, seeing_failure or unscored.
            model: The model.
            gold: The gold category.
            action: A facial action that the description asserts, such as `brow_lower`.
            term: An emotion term that the description asserts of the person, such as `worried`.
            detail: The detail of the verdict, such as `fell_back_to_neutral`.
            label: The category of the label, or the reason why there is none.
            described: The category described, or Undecided, or the reason why there is no reading.
            item_id: The item.

        Returns:
            The cases: `frame` has a row for each, `mentions` what the descriptions mention; `sample(10)` draws some.

        Raises:
            InputError: If a value is not one that the analysis has.
        """
        from descan.report.case_list import find_cases

        wanted = {
            "verdict": verdict,
            "model": model,
            "gold": gold,
            "action": action,
            "term": term,
            "detail": detail,
            "label": label,
            "described": described,
            "item_id": item_id,
        }
        return find_cases(self._tables, wanted)

    def summary(self, width: int = 100) -> Summary:
        """Return what `descan analyze` prints at its end: what was loaded, what it shows, where to look next.

        Args:
            width: Columns of a line.

        Raises:
            InputError: If a file of the analysis is missing.
        """
        from rich.console import Console

        from descan.report.summary import print_summary

        printed = StringIO()
        print_summary(self.folder, self.run, Console(file=printed, width=width, force_jupyter=False))
        return Summary(printed.getvalue().rstrip())

    def report(
        self,
        path: Path | str | None = None,
        *,
        corpus: Path | str | None = None,
        media: bool = True,
        map: bool = True,
        cases_per_cell: int = 25,
        seed: int | None = None,
    ) -> Path:
        """Write the page, plots and maps into the folder of the analysis, and return the path of the page.

        Args:
            path: Copy the page there, too: one file that needs nothing else.
            corpus: Folder of the corpus, for small pictures of its items; None for that which was analyzed, where it is
                known.
            media: Show small pictures of items.
            map: Map words and descriptions by meaning.
            cases_per_cell: Largest number of cases that the page shows for each cell of a table.
            seed: Seed of the cases and the maps; None for that of the analysis.

        Raises:
            OptionError: If an option has a value that is not allowed.
            InputError: If a folder is not there, or a file cannot be written.
            SetupError: If there is too little memory.
        """
        folder = self.media_folder if corpus is None else Path(corpus)
        write_report(self.folder, ReportOptions(cases_per_cell, seed, media, folder, map))
        self._drawn.clear()
        page = self.folder / PAGE_FILE
        if path is None:
            return page
        try:
            copyfile(page, path)
        except OSError as error:
            raise explain_os_error(error, "cannot be written", path) from error
        return Path(path)

    def reopen(self) -> "Analysis":
        """Return the analysis as its folder is now.

        Raises:
            InputError: If the folder is not that of an analysis any more.
        """
        opened = open_analysis(self.folder)
        return replace(opened, media_folder=self.media_folder, _scratch=self._scratch)

    def compare(self, other: "Analysis | Path | str", out: Path | str | None = None, **options: Any) -> "RunComparison":
        """Compare with another analysis of the same items; every change is the other minus this one.

        Args:
            other: An analysis, or its folder.
            out: Folder for tables and page, or None to write nothing.
            options: Those of `descan.compare_runs`.

        Raises:
            OptionError: If an option has a value that is not allowed.
            InputError: If `other` is no analysis, is damaged, or has nothing in common with this one.
            SetupError: If there is too little memory.
        """
        from descan.analysis.comparing import compare_runs

        return compare_runs(self, other, out, **options)

    def __repr__(self) -> str:
        """Say what was analyzed."""
        corpus, counts = self.run.get("corpus", {}), self.run.get("counts", {})
        told = ", ".join(f"{counts.get(name, 0):,} {name}" for name in ("items", "descriptions", "labels"))
        return f"Analysis of {corpus.get('name', '')!r} in {str(self.folder)!r}: {told}"

    def _repr_html_(self) -> str:
        """Return the verdicts as a picture and a table, after what is lost if that is much, and notes on the input."""
        from descan.report.palette import Theme
        from descan.report.plots import draw_svg
        from descan.report.summary import tell_notes

        figure = self._draw()["verdicts"]
        picture = f"<p>{escape(figure.reason)}</p>" if figure.spec is None else draw_svg(figure.spec, Theme.LIGHT)
        losses = page_losses(self._tables)
        warnings = "".join(f"<p><strong>{escape(text)}</strong></p>\n" for text in (losses.warnings if losses else ()))
        notes = "".join(f"<p>{escape(note)}</p>\n" for note in tell_notes(self.run))
        return f"{warnings}<p>{escape(repr(self))}</p>\n{notes}{picture}\n{_verdict_table(self.table('verdicts'))}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:  # noqa: ARG002
        """Return the same for every front end; a notebook shows the richest form that it can."""
        return {"text/plain": repr(self), "text/html": self._repr_html_()}

    @property
    def _tables(self) -> AnalysisTables:
        return read_analysis(self.folder)

    def _keep(self, name: str) -> "pd.DataFrame":
        if name not in self._frames:
            self._frames[name] = self.records(name)
        return self._frames[name]

    def _draw(self) -> "dict[str, Figure]":
        """Return all figures by name."""
        from descan.report.charts import draw_figures, draw_maps

        if not self._drawn:
            tables = self._tables
            self._drawn.update((figure.name, figure) for figure in draw_figures(tables))
            if (self.folder / MAP_FILE).exists():
                maps = draw_maps(self.records("map"), {}, tables.models, tables.categories)
                self._drawn.update((figure.name, figure) for figure in maps)
        return self._drawn

    def _names(self, pattern: str) -> Iterator[str]:
        return (path.stem for path in sorted(self.folder.glob(pattern)))


def open_analysis(folder: Analysis | Path | str) -> Analysis:
    """Open what `descan analyze` or `analyze` wrote.

    Args:
        folder: The folder that was named as `out`; an analysis is returned as it is.

    Returns:
        The analysis, with frames, tables, figures and cases, as `descan.analyze` returned it.

    Raises:
        OptionError: If it is neither a path nor a string.
        InputError: If the folder is not that of an analysis.
    """
    if isinstance(folder, Analysis):
        return folder
    if not isinstance(folder, str | Path):
        raise OptionError("folder", f"must be the path of an analysis, not {quote(folder)}")
    folder = Path(folder)
    check_analysis(folder)
    return Analysis(folder, load_run(folder))


def _verdict_table(verdicts: "pd.DataFrame") -> str:
    """Return the verdicts over all items: a row for each model, with share, interval and count in each cell."""
    rows = verdicts[verdicts["gold"] == "all"]
    shown = rows.assign(cell=[_cell(row) for row in rows.to_dict("records")])
    order = list(dict.fromkeys(shown["verdict"]))
    wide = shown.pivot(index="model", columns="verdict", values="cell")[order]
    wide.columns = [spell(name) for name in order]
    wide.index.name = None
    return str(wide.to_html(escape=True, border=0, na_rep=DASH))


def _cell(row: Mapping[str, Any]) -> str:
    share, low, high = (row[name] for name in ("share_of_scored", "share_low", "share_high"))
    if share != share:
        return number(row["n"]) if row["n"] else DASH
    return f"{percent_with_interval(share, low, high)}, n={number(row['n'])}"
