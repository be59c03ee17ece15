"""What the action units that a witness tells say of the actions of the inventory."""

from functools import lru_cache

from pydantic import BaseModel, ConfigDict

from descan.lexicon.files import lexicon_path, read_yaml


class WitnessedActionFile(BaseModel):
    """`witnessed_actions.yaml`.

    Attributes:
        needs: Unit -> another one without which it is not shown.
        only_absent: Actions of which their units can only tell that they are not there.
        one_sided: Action -> a unit that is this action where it is shown on one side alone.
        not_beside: Action -> a unit beside which its own unit is no action of its own.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    needs: dict[int, int]
    only_absent: tuple[str, ...]
    one_sided: dict[str, int]
    not_beside: dict[str, int]


@lru_cache(maxsize=1)
def load_witnessed_actions() -> WitnessedActionFile:
    """Load what goes beyond the units of each action."""
    return read_yaml(lexicon_path("witnessed_actions.yaml"), WitnessedActionFile)
