"""What the action units that a witness tells say of the actions of the inventory."""

from functools import lru_cache

from pydantic import BaseModel, ConfigDict

from descan.lexicon.files import lexicon_path, read_yaml
from descan.lexicon.loading import Lexicon


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


def action_keys(lexicon: Lexicon) -> dict[str, tuple[str, ...]]:
    """Return by which key each action of an inventory is asked about, and which actions that is, in their order.

    The key of an action is its units, as in `1+2`, which some actions share; it is the name of an action without any.
    """
    keys: dict[str, tuple[str, ...]] = {}
    for name, action in lexicon.actions.actions.items():
        key = action.aus or name
        keys[key] = (*keys.get(key, ()), name)
    return keys


@lru_cache(maxsize=1)
def load_witnessed_actions() -> WitnessedActionFile:
    """Load what goes beyond the units of each action."""
    return read_yaml(lexicon_path("witnessed_actions.yaml"), WitnessedActionFile)
