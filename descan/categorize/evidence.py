"""Facial actions as evidence for categories, by the AU statistics of the basic emotions."""

from functools import lru_cache
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from descan.emotions import Emotion
from descan.errors import InputError
from descan.lexicon import Lexicon, lexicon_path, read_yaml

Share = Annotated[float, Field(ge=0, le=1)]


class ActionUnitFile(BaseModel):
    """The content of `action_units.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    background: Share
    units: dict[Emotion, dict[int, Share]]
    actions: dict[str, dict[Emotion, Share]]


def action_evidence(lexicon: Lexicon) -> dict[str, NDArray[np.float64]]:
    """Return how the evidence of each action is divided among the categories.

    An action with units gets the posterior of the categories given its units under equal priors (Du, Tao & Martinez
    2014). Units of a combination ("1+2") count as independent, the posteriors of alternatives ("25/26/27") are
    averaged, and units that the table does not list are left out. The other actions are listed by hand.

    Returns:
        One vector per action, in the order of `Emotion`, with a sum of at most 1. Shape of each: (7,).

    Raises:
        InputError: If the file lists an action that is not in the inventory, or an unknown category.
    """
    file = _load()
    unknown = sorted(file.actions.keys() - lexicon.actions.actions.keys())
    if unknown:
        known = ", ".join(lexicon.actions.actions)
        raise InputError(
            lexicon_path("action_units.yaml"), f"actions: action {unknown[0]!r} is unknown; use one of {known}"
        )
    evidence = {}
    for action, entry in lexicon.actions.actions.items():
        if action in file.actions:
            evidence[action] = np.array([file.actions[action].get(emotion, 0.0) for emotion in Emotion])
        else:
            evidence[action] = _posterior(file, entry.aus)
    return evidence


def _posterior(file: ActionUnitFile, aus: str) -> NDArray[np.float64]:
    listed = {unit for shares in file.units.values() for unit in shares}
    alternatives = []
    for alternative in aus.split("/"):
        units = [int(unit) for unit in alternative.split("+")]
        if not listed.issuperset(units):
            continue
        shares = [[file.units[emotion].get(unit, file.background) for emotion in Emotion] for unit in units]
        likelihood = np.prod(shares, axis=0)
        alternatives.append(likelihood / likelihood.sum())
    posterior: NDArray[np.float64] = np.mean(alternatives, axis=0)
    return posterior


@lru_cache
def _load() -> ActionUnitFile:
    return read_yaml(lexicon_path("action_units.yaml"), ActionUnitFile)
