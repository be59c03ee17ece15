"""Figures as charts of Altair, for notebooks and for files in other formats."""

from functools import cache
from io import IOBase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from descan.errors import InputError, explain_os_error, quote
from descan.report.charts import Figure
from descan.report.charts.figure import chart_config
from descan.report.palette import Theme, paint
from descan.report.plots import CHART_SUFFIXES, PNG_SCALE, draw_file, draw_svg
from descan.storage.atomic import write_file

if TYPE_CHECKING:
    import altair as alt

_LAYOUT = "layout"
"""A setting of legends that Vega-Lite hands on to Vega, and that Altair's schema does not have."""


def altair_chart(figure: Figure) -> "alt.TopLevelMixin":
    """Return a figure as a chart of Altair.

    A notebook shows it without a network, as an interactive chart where the front end knows Vega-Lite and as a picture
    elsewhere. `save` writes the same files as the report, and .pdf, .html and .json.

    Args:
        figure: One that has a spec.

    Raises:
        ValueError: If it has none.
    """
    import altair as alt

    if figure.spec is None:
        raise ValueError(f"figure {figure.name} has no spec: {figure.reason}")
    spec = paint(figure.spec, Theme.LIGHT)
    spec["config"]["legend"].pop(_LAYOUT)
    kinds = {"facet": alt.FacetChart, "hconcat": alt.HConcatChart, "layer": alt.LayerChart}
    kind = next((kind for key, kind in kinds.items() if key in spec), None)
    if kind is None:
        return alt.Chart.from_dict(spec)
    chart: alt.TopLevelMixin = _drawn_by_descan(kind).from_dict(spec, validate=False)
    return chart


class _DrawnByDescan:
    """What takes the place of Altair's own ways to show and to save a chart."""

    def save(self, fp: "Path | str | IOBase", format: str | None = None, *, scale: float = PNG_SCALE) -> None:
        """Write the chart to a file.

        Args:
            fp: A path, or a file that is open for bytes.
            format: svg, png, pdf, html or json; None for the suffix of the path.
            scale: Pixels of a PNG file per pixel of the chart.

        Raises:
            InputError: If the format is none of these, or the file cannot be written.
        """
        path = None if hasattr(fp, "write") else Path(str(fp))
        suffix = (f".{format}" if format else "" if path is None else path.suffix).lower()
        if suffix not in CHART_SUFFIXES:
            raise InputError(
                path, f"figures are not written as {quote(suffix)}; use one of {', '.join(CHART_SUFFIXES)}"
            )
        content = draw_file(self._spec(), suffix, scale)
        if path is None:
            fp.write(content)  # type: ignore[union-attr]
            return
        try:
            write_file(path, content)
        except OSError as error:
            raise explain_os_error(error, "cannot be written", path) from error

    def _spec(self) -> dict[str, Any]:
        """Return the chart as Vega-Lite, with the legends as the report lays them out."""
        spec: dict[str, Any] = self.to_dict()  # type: ignore[attr-defined]
        spec.get("config", {}).get("legend", {}).setdefault(_LAYOUT, chart_config()["legend"][_LAYOUT])
        return spec

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:  # noqa: ARG002
        """Return the chart for front ends that know Vega-Lite, and as a picture for all others."""
        import altair as alt

        spec = self._spec()
        major = alt.SCHEMA_VERSION.partition(".")[0]
        return {
            f"application/vnd.vegalite.{major}+json": spec,
            "image/svg+xml": draw_svg(spec, Theme.LIGHT),
            "text/plain": str(spec.get("description") or "A chart of Altair"),
        }


@cache
def _drawn_by_descan(kind: type) -> Any:
    return type(kind.__name__, (_DrawnByDescan, kind), {"__doc__": kind.__doc__, "__module__": __name__})
