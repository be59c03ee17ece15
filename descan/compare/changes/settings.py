"""How two analyses were made differently, from their `run.json`."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

_QUIET_OPTIONS = {"resamples", "contested_models", "human_readings_sha256"}
"""Options that change no verdict, no label and no reading."""

_THRESHOLD = "lenient_threshold"


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
    a, b = dict(_settings(run_a)), dict(_settings(run_b))
    is_lenient = "lenient" in (a.get("support"), b.get("support"))
    found = [
        Setting(name, a.get(name), b.get(name), _is_loud(name, run_a, run_b, is_lenient=is_lenient))
        for name in {**a, **b}
        if a.get(name) != b.get(name) and not (name == "embedder.identity" and None in (a.get(name), b.get(name)))
    ]
    return sorted(found, key=lambda setting: not setting.is_loud)


def _settings(run: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from _flatten("", run.get("options", {}))
    corpus, embedder = run.get("corpus", {}), run.get("embedder", {})
    yield "corpus.language", corpus.get("language")
    yield "embedder.name", embedder.get("name")
    yield "embedder.identity", embedder.get("identity")
    yield "descan", run.get("descan")
    yield "lexicon_sha256", run.get("lexicon_sha256")
    yield "category_set.sha256", run.get("category_set", {}).get("sha256")
    yield "seed", run.get("seed")
    yield "corpus.name", corpus.get("name")
    yield "corpus.sha256", corpus.get("sha256")


def _flatten(before: str, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flatten(f"{before}{name}.", value)
        else:
            yield f"{before}{name}", value


def _is_loud(name: str, run_a: Mapping[str, Any], run_b: Mapping[str, Any], *, is_lenient: bool) -> bool:
    if name == _THRESHOLD:
        return is_lenient
    options = {key for run in (run_a, run_b) for key, _ in _flatten("", run.get("options", {}))}
    return (name in options and name not in _QUIET_OPTIONS) or name in ("corpus.language", "embedder.name")
