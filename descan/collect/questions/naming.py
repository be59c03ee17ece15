"""Under which name of a corpus a model's answers go: one name, one way of asking."""

from collections.abc import Mapping
from hashlib import sha256

from descan.collect.store.existing_answers import CorpusRecord, Recipe
from descan.records import Mode

_N_DIGITS = 6


def choose_name(record: CorpusRecord, label: str, recipes: Mapping[Mode, Recipe]) -> str:
    """Give the first name whose answers were asked for in the same way, or a new one.

    Names are tried in this order: the model's own, those that were made from it before, and
    `LABEL@` with the first six digits of the hash of parameters and prompts.

    Args:
        record: What the corpus holds.
        label: What the run calls the model.
        recipes: How the run asks in each of its modes.
    """
    earlier = [name for name in record.names() if name.startswith(f"{label}@")]
    new = f"{label}@{_variant(recipes)}"
    return next((name for name in (label, *earlier) if _fits(record, name, recipes)), new)


def find_donors(record: CorpusRecord, name: str, mode: Mode, recipe: Recipe) -> list[str]:
    """List the other names of a corpus under which the very same was asked in a mode."""
    return [
        donor
        for (donor, asked), series in record.series.items()
        if asked is mode and donor != name and list(series.recipes) == [recipe]
    ]


def _fits(record: CorpusRecord, name: str, recipes: Mapping[Mode, Recipe]) -> bool:
    return all(
        set(series.recipes) <= {recipe}
        for mode, recipe in recipes.items()
        if (series := record.series.get((name, mode))) is not None
    )


def _variant(recipes: Mapping[Mode, Recipe]) -> str:
    lines = [f"{mode} {recipe.prompt_sha256} {recipe.params_sha256}\n" for mode, recipe in sorted(recipes.items())]
    return sha256("".join(lines).encode()).hexdigest()[:_N_DIGITS]
