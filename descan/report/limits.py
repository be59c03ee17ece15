"""How much a report shows, and which models where there are many."""

from typing import TYPE_CHECKING

from descan.report.analysis_tables import AnalysisTables

if TYPE_CHECKING:
    import pandas as pd

MODELS_IN_SENTENCE = 4
"""A sentence names no more models than this."""

MODELS_IN_SUMMARY = 12
"""The summary in the terminal shows no more models than this."""

MODELS_IN_FIGURE = 20
"""A figure and a table of the page show no more models than this, so that they stay readable.

It is also the number up to which models are compared with each other.
"""


def choose_models(tables: AnalysisTables, limit: int) -> tuple[str, ...]:
    """Return all models in order; of more than `limit` those with the most scored items, then the most answers."""
    if len(tables.models) <= limit:
        return tables.models
    n_answers = tables["answers"].groupby("model")["n_answers"].sum()
    verdicts = tables["verdicts"]
    n_scored = verdicts[verdicts["gold"] == "all"].groupby("model")["n_scored"].max()
    ordered = sorted(tables.models, key=lambda model: (-n_scored.get(model, 0), -n_answers.get(model, 0)))
    return tuple(ordered[:limit])


def restrict_models(tables: AnalysisTables, limit: int) -> AnalysisTables:
    """Return the tables with the models that `choose_models` returns; the same tables where these are all."""
    return keep_models(tables, choose_models(tables, limit))


def keep_models(tables: AnalysisTables, chosen: tuple[str, ...]) -> AnalysisTables:
    """Return the tables with some of their models, in this order; the same tables where these are all."""
    if chosen == tables.models:
        return tables
    frames = {"flows": _keep(tables.flows, chosen)}
    for path in sorted((tables.folder / "tables").glob("*.csv")):
        frames[path.stem] = _keep(tables[path.stem], chosen)
    return AnalysisTables(tables.folder, tables.run, chosen, frames, tables.categories)


def _keep(frame: "pd.DataFrame", chosen: tuple[str, ...]) -> "pd.DataFrame":
    places = {model: place for place, model in enumerate(chosen)}
    if "model" in frame.columns:
        kept = frame[frame["model"].isin(chosen)]
        return kept.sort_values("model", key=lambda models: models.map(places), kind="stable", ignore_index=True)
    if "model_a" in frame.columns:
        return frame[frame["model_a"].isin(chosen) & frame["model_b"].isin(chosen)]
    return frame
