"""Which model of one analysis is compared with which of the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from descan.errors import InputError, OptionError, quote

_N_NAMED = 8


@dataclass(frozen=True, slots=True)
class ModelPairs:
    """The models of two analyses.

    Attributes:
        pairs: Names in A and in B, in the order of A.
        only_a: Models of A that are compared with none.
        only_b: Models of B that are compared with none.
        is_guessed: The pair is the only model of each, whose names differ, and nobody said that it is one.
    """

    pairs: tuple[tuple[str, str], ...]
    only_a: tuple[str, ...] = ()
    only_b: tuple[str, ...] = ()
    is_guessed: bool = False


def pair_models(models_a: Sequence[str], models_b: Sequence[str], model_map: Mapping[str, str]) -> ModelPairs:
    """Pair models as `model_map` says, the others by name; where each side has one model, they are a pair.

    Args:
        models_a: Of A.
        models_b: Of B.
        model_map: Name in A -> name in B.

    Raises:
        OptionError: If `model_map` names a model that is not there, or one of B twice.
        InputError: If there is no pair.
    """
    taken: dict[str, str] = {}
    for old, new in model_map.items():
        _check_known(old, models_a, "A")
        _check_known(new, models_b, "B")
        if new in taken:
            problem = f"gives {quote(new)} of B to both {quote(taken[new])} and {quote(old)} of A; give it to one"
            raise OptionError("model_map", problem)
        taken[new] = old
    found = {
        **model_map,
        **{name: name for name in models_a if name in set(models_b) - taken.keys() - model_map.keys()},
    }
    is_guessed = not found and len(models_a) == len(models_b) == 1
    if is_guessed:
        found = {models_a[0]: models_b[0]}
    if not found:
        raise InputError(
            None,
            f"A and B have no model in common: A has {_name(models_a)}; B has {_name(models_b)}; "
            "--model-map OLD=NEW pairs a model of A with one of B",
        )
    return ModelPairs(
        pairs=tuple((name, found[name]) for name in models_a if name in found),
        only_a=tuple(name for name in models_a if name not in found),
        only_b=tuple(name for name in models_b if name not in found.values()),
        is_guessed=is_guessed,
    )


def _check_known(name: str, models: Sequence[str], side: str) -> None:
    if name not in models:
        raise OptionError("model_map", f"names {quote(name)}, which is no model of {side}; {side} has {_name(models)}")


def _name(models: Sequence[str]) -> str:
    shown = ", ".join(map(quote, models[:_N_NAMED])) or "none"
    return shown if len(models) <= _N_NAMED else f"{shown} and {len(models) - _N_NAMED} more"
