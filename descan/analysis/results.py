"""An analysis to go on with in Python or a notebook."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from descan.errors import InputError
from descan.report.analysis_tables import AnalysisTables, load_run, read_analysis
from descan.report.losses import page_losses
from descan.report.wording import DASH, percent_with_interval, spell
from descan.storage.output import check_analysis

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, repr=False)
class Analysis:
    """The folder of an analysis. In a notebook it shows its verdicts.

    Attributes:
        folder: Where its files are.
        run: What `run.json` holds: versions, options, counts, and what was left out and why.
    """

    folder: Path
    run: Mapping[str, Any]

    def table(self, name: str) -> "pd.DataFrame":
        """Return `tables/NAME.csv`; undefined numbers are NaN.

        Raises:
            InputError: If there is no such table.
        """
        if name not in (names := list(self._names("tables/*.csv"))):
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

    def __repr__(self) -> str:
        """Say what was analyzed."""
        corpus, counts = self.run.get("corpus", {}), self.run.get("counts", {})
        told = ", ".join(f"{counts.get(name, 0):,} {name}" for name in ("items", "descriptions", "labels"))
        return f"Analysis of {corpus.get('name', '')!r} in {str(self.folder)!r}: {told}"

    def _repr_html_(self) -> str:
        """Return the verdicts as a picture and a table, after what is lost if that is much."""
        from descan.report.charts import draw_figure
        from descan.report.palette import Theme
        from descan.report.plots import draw_svg

        figure = draw_figure("verdicts", self._tables)
        picture = f"<p>{escape(figure.reason)}</p>" if figure.spec is None else draw_svg(figure.spec, Theme.LIGHT)
        losses = page_losses(self._tables)
        warnings = "".join(f"<p><strong>{escape(text)}</strong></p>\n" for text in (losses.warnings if losses else ()))
        return f"{warnings}<p>{escape(repr(self))}</p>\n{picture}\n{_verdict_table(self.table('verdicts'))}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:  # noqa: ARG002
        """Return the same for every front end; a notebook shows the richest form that it can."""
        return {"text/plain": repr(self), "text/html": self._repr_html_()}

    @property
    def _tables(self) -> AnalysisTables:
        return read_analysis(self.folder)

    def _names(self, pattern: str) -> Iterator[str]:
        return (path.stem for path in sorted(self.folder.glob(pattern)))


def open_analysis(folder: Path | str) -> Analysis:
    """Open what `descan analyze` or `analyze` wrote.

    Raises:
        InputError: If the folder is not that of an analysis.
    """
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
        return f"{row['n']:,}" if row["n"] else DASH
    return f"{percent_with_interval(share, low, high)}, n={row['n']:,}"
