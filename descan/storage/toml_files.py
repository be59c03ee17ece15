"""TOML files that a person wrote."""

import tomllib
from pathlib import Path
from typing import Any

from descan.errors import InputError
from descan.storage.paths import check_regular, open_file

_MAX_TOML_BYTES = 10_000_000


def load_toml(path: Path) -> dict[str, Any]:
    """Load a TOML file that a person wrote.

    Raises:
        InputError: If it cannot be read, is not UTF-8, not TOML, nested too deeply or too large.
    """
    check_regular(path)
    with open_file(path) as file:
        content = file.read(_MAX_TOML_BYTES + 1)
    if len(content) > _MAX_TOML_BYTES:
        raise InputError(path, f"is larger than {_MAX_TOML_BYTES // 1_000_000} MB; is it TOML?")
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(path, "not UTF-8; UTF-8 is expected") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(path, f"not TOML: {error}") from error
    except RecursionError as error:
        raise InputError(path, "not TOML: nested too deeply; use at most two levels") from error
    except ValueError as error:
        raise InputError(path, "not TOML: a number is too long; use a shorter one") from error
