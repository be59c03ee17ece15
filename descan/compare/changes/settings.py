"""How two analyses were made differently, from their `run.json`."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

_QUIET_OPTIONS = {"resamples", "contested_models", "min_coverage", "margin", "primary", "mixed_model"}
"""Options that change no verdict, no label and no reading."""

_QUIET_UNLESS = {"lenient_threshold": ("support", "lenient"), "human_readings_sha256": ("override", True)}
"""Options that change none of these unless another one has a value in A or B."""

_LOUD = ("category_set.name", "category_set.sha256", "corpus.language", "embedder.name")
"""What is loud beside the options."""

_DEFAULTS: dict[str, Any] = {
    "category_set.name": "basic7",
    "label_mode": "classify",
    "support": "strict",
    "terms_by": "lexicon",
    "override": False,
}
"""What analyses are made by whose `run.json` does not say it, because descan had nothing else then."""


class Setting(NamedTuple):
    """Something that the two analyses have differently.

    Attributes:
        name: As in `run.json`, with dots into objects.
        a: Its value in A, None where A does not say.
        b: That in B.
        is_loud: It changes by itself what a verdict or its interval means, so the numbers of A and B differ in kind.
    """

    name: str
    a: Any
    b: Any
    is_loud: bool


def compare_settings(run_a: Mapping[str, Any], run_b: Mapping[str, Any]) -> list[Setting]:
    """Return what differs, what is loud first."""
    a, b = (_DEFAULTS | {name: value for name, value in _settings(run) if value is not None} for run in (run_a, run_b))
    quiet = _QUIET_OPTIONS | {
        name for name, (other, value) in _QUIET_UNLESS.items() if value not in (a.get(other), b.get(other))
    }
    options = {name for run in (run_a, run_b) for name, _ in _flatten("", run.get("options", {}))}
    found = []
    for name in {**a, **b}:
        one, other = a.get(name), b.get(name)
        if one != other and not _is_needless(name, a, b):
            is_loud = None not in (one, other) and name not in quiet and (name in options or name in _LOUD)
            found.append(Setting(name, one, other, is_loud))
    return sorted(found, key=lambda setting: not setting.is_loud)


def _is_needless(name: str, a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    """Say whether another setting tells the same, or one side had no need to know it."""
    if name == "embedder.identity":
        return name not in a or name not in b
    return name == "category_set.sha256" and a["category_set.name"] != b["category_set.name"]


def _settings(run: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from _flatten("", run.get("options", {}))
    corpus, embedder = run.get("corpus", {}), run.get("embedder", {})
    yield "corpus.language", corpus.get("language")
    yield "embedder.name", embedder.get("name")
    yield "embedder.identity", embedder.get("identity")
    yield "descan", run.get("descan")
    yield "lexicon_sha256", run.get("lexicon_sha256")
    categories = run.get("category_set", {})
    yield "category_set.name", categories.get("name")
    yield "category_set.sha256", categories.get("sha256")
    yield "seed", run.get("seed")
    yield "corpus.name", corpus.get("name")
    yield "corpus.sha256", corpus.get("sha256")


def _flatten(before: str, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flatten(f"{before}{name}.", value)
        else:
            yield f"{before}{name}", value
