"""What tests need beyond the project and its packages."""

import os
from pathlib import Path

import pytest


def require_path(path: Path, hint: str = "") -> Path:
    """Return a path that a test needs; if it is missing, skip the test, or fail it in continuous integration."""
    if path.exists():
        return path
    reason = f"{path} is missing" + (f" ({hint})" if hint else "")
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
