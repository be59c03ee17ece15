"""Facial actions as evidence for categories, by the AU statistics of the basic emotions."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from descan.emotions import CategorySet
from descan.errors import InputError
from descan.lexicon import Lexicon, Merged, lexicon_path, load_families, load_lexicon, merge_yaml, read_yaml

SPEAKS = 0.25
"""An action speaks for a category that gets so much of its evidence: of four categories, more than the others."""

Share = Annotated[float, Field(ge=0, le=1)]


class ActionUnitFile(BaseModel):
    """The content of `action_units.yaml`: what units and actions say of the families."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    background: Share
    units: dict[str, dict[int, Share]]
    actions: dict[str, dict[str, Share]]
    one_sided: dict[str, dict[str, Share]]

    @model_validator(mode="after")
    def _families_are_known(self) -> "ActionUnitFile":
        families = load_families()
        named = {"units": list(self.units)}
        for key, listed in (("actions", self.actions), ("one_sided", self.one_sided)):
            named |= {f"{key}.{action}": list(shares) for action, shares in listed.items()}
        for where, found in named.items():
            for family in found:
                if family not in families:
                    raise ValueError(f"{where}: family {family!r} is unknown; use one of {', '.join(families)}")
        return self


def action_evidence(lexicon: Lexicon, categories: CategorySet) -> dict[str, NDArray[np.float64]]:
    """Return how the evidence of each action is divided among the categories.

    An action with units gets the posterior of the categories given its units under equal priors (Du, Tao & Martinez
    2014); a category of several families has the mean of their likelihoods. Units of a combination ("1+2") count as
    independent, the posteriors of alternatives ("25/26/27") are averaged, and units that the table does not list are
    left out. The other actions are listed by hand. Families that the set does not name say nothing, and do not take
    part in the posterior, but for those of `other_actions`.

    Returns:
        One vector per action, in the order of the categories, with a sum of at most 1. Shape of each: (n_categories,).

    Raises:
        InputError: If the file lists an action that is not in the inventory, or an unknown family.
    """
    file = merge_action_units(lexicon).checked()
    groups = [category.actions for category in categories.categories]
    evidence = {}
    for action, entry in lexicon.actions.actions.items():
        if action in file.actions:
            evidence[action] = _listed(file.actions[action], groups)
        else:
            evidence[action] = _posterior(file, entry.aus, groups, categories.other_actions)
    return evidence


def speaking_actions(lexicon: Lexicon, categories: CategorySet) -> dict[str, tuple[str, ...]]:
    """Return the categories that each action speaks for: those that get at least `SPEAKS` of its evidence."""
    return {
        action: tuple(name for name, share in zip(categories.names, shares, strict=True) if share >= SPEAKS)
        for action, shares in action_evidence(lexicon, categories).items()
    }


def one_sided_evidence(lexicon: Lexicon, categories: CategorySet) -> dict[str, NDArray[np.float64]]:
    """Return the same of actions that the text sees on one side of the face.

    It differs from `action_evidence` for actions that are listed as `one_sided` with a family that the set names.
    """
    file = merge_action_units(lexicon).checked()
    groups = [category.actions for category in categories.categories]
    named = {family for group in groups for family in group}
    finer = {name for name, family in load_families().items() if family.within is not None}
    return action_evidence(lexicon, categories) | {
        action: _listed(shares, groups) for action, shares in file.one_sided.items() if named & finer & shares.keys()
    }


def merge_action_units(lexicon: Lexicon) -> Merged[ActionUnitFile]:
    """Merge a project's own words into `action_units.yaml`, without the actions that it removes.

    Raises:
        InputError: If the installed file is not as it must be.
    """
    name = "action_units.yaml"
    path = lexicon_path(name)
    installed = read_yaml(path, ActionUnitFile)
    if lexicon.project is None:
        for _, problem in _unknown_actions(installed, lexicon):
            raise InputError(path, problem)
    else:
        known = load_lexicon(lexicon.language).actions.actions.keys()
        removed = known - lexicon.actions.actions.keys()
        kept = {
            key: {action: shares for action, shares in getattr(installed, key).items() if action not in removed}
            for key in ("actions", "one_sided")
        }
        installed = installed.model_copy(update=kept)
    return merge_yaml(installed, name, "", lexicon.project, check=partial(_unknown_actions, lexicon=lexicon))


def _unknown_actions(file: ActionUnitFile, lexicon: Lexicon) -> Iterator[tuple[tuple[str, ...], str]]:
    known = ", ".join(lexicon.actions.actions)
    for key, listed in (("actions", file.actions), ("one_sided", file.one_sided)):
        for action in sorted(listed.keys() - lexicon.actions.actions.keys()):
            yield (key, action), f"{key}: action {action!r} is unknown; use one of {known}"


def _listed(shares: Mapping[str, Share], groups: Sequence[Sequence[str]]) -> NDArray[np.float64]:
    """Return what is listed by hand; a family that no category names counts as the one that it is within."""
    named = {family for group in groups for family in group}
    families = load_families()
    merged = dict.fromkeys(families, 0.0)
    for family, share in shares.items():
        within = families[family].within
        merged[family if family in named or within is None else within] += share
    return np.array([sum(merged[family] for family in group) for group in groups], dtype=np.float64)


def _posterior(
    file: ActionUnitFile, aus: str, groups: Sequence[Sequence[str]], others: Sequence[str]
) -> NDArray[np.float64]:
    families = [*groups, *((family,) for family in others)]
    listed = {unit for group in families for family in group for unit in file.units.get(family, {})}
    alternatives = []
    for alternative in filter(None, aus.split("/")):
        units = [int(unit) for unit in alternative.split("+")]
        if not listed.issuperset(units):
            continue
        likelihood = np.array([_likelihood(file, units, group) for group in families])
        alternatives.append(likelihood / likelihood.sum())
    if not alternatives:  # There are no units, or the families that are left never show them.
        return np.zeros(len(groups))
    posterior: NDArray[np.float64] = np.mean(alternatives, axis=0)
    return posterior[: len(groups)]


def _likelihood(file: ActionUnitFile, units: Sequence[int], group: Sequence[str]) -> float:
    """Return how likely some units are for a category: the mean over its families; 0 without one."""
    if not group:
        return 0.0
    shares = [[file.units.get(family, {}).get(unit, file.background) for family in group] for unit in units]
    return float(np.mean(np.prod(shares, axis=0)))
