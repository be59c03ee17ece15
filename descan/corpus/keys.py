"""Keys of answers and items as 16 bytes each, so that millions of them fit."""

from collections.abc import Iterable
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from descan.records import Answer

KeyArray = NDArray[np.bytes_]
"""Keys, 16 bytes each. Shape: (n_keys,)."""

N_BYTES = 16


def answer_key(answer: Answer) -> bytes:
    """Give the key of an answer: of its item, model, mode and repeat."""
    key = f"{answer.item_id}\0{answer.model}\0{answer.mode}\0{answer.repeat}"
    return blake2b(key.encode(), digest_size=N_BYTES).digest()


def item_key(item_id: str) -> bytes:
    """Give the key of an item."""
    return blake2b(item_id.encode(), digest_size=N_BYTES).digest()


def key_array(keys: Iterable[bytes]) -> KeyArray:
    """Put keys into an array, in their order."""
    return np.frombuffer(b"".join(keys), dtype=f"S{N_BYTES}")


def is_among(keys: KeyArray, known: KeyArray) -> NDArray[np.bool_]:
    """Tell of each key whether it is among the known ones.

    Args:
        keys: Any keys.
        known: Sorted keys.
    """
    if not len(known):
        return np.zeros(len(keys), dtype=np.bool_)
    places = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    found: NDArray[np.bool_] = known[places] == keys
    return found
