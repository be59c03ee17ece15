"""How much a report shows, and which models where there are many."""

from descan.report.analysis_tables import AnalysisTables

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
    chosen = choose_models(tables, limit)
    return tables if chosen == tables.models else tables.of_models({model: model for model in chosen})
