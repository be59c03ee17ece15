"""Families of emotion terms and face actions, which category sets are put together from."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from descan.lexicon.files import lexicon_path, read_yaml


class Family(BaseModel):
    """What `families.yaml` says of one family.

    Attributes:
        valence: Of its terms that have none of their own.
        within: The family that its terms and actions belong to where a category set does not name it; None for one of
            the basic families.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    valence: Annotated[float, Field(ge=-1, le=1)]
    within: str | None = None


class FamilyFile(RootModel[dict[str, Family]]):
    """`families.yaml`."""

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="after")
    def _are_known(self) -> "FamilyFile":
        basic = [name for name, family in self.root.items() if family.within is None]
        for name, family in self.root.items():
            if family.within not in (None, *basic):
                raise ValueError(f"{name}: within {family.within!r} is unknown; use one of {', '.join(basic)}")
        return self


@lru_cache(maxsize=1)
def load_families() -> Mapping[str, Family]:
    """Load the families by name; the basic ones first."""
    return read_yaml(lexicon_path("families.yaml"), FamilyFile).root
