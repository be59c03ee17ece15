"""The command line in this process."""

import logging
import sys
from typing import NamedTuple

import pytest

from descan.cli import main


class Outcome(NamedTuple):
    code: object
    out: str
    err: str


def run_descan(capsys: pytest.CaptureFixture[str], *arguments: object) -> Outcome:
    """Run a command as the console script does; it leaves warnings of later tests where pytest looks for them."""
    code: object = 0
    logger = logging.getLogger("descan")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logger, "handlers", [])
        patch.setattr(logger, "propagate", logger.propagate)
        patch.setattr(sys, "argv", ["descan", *map(str, arguments)])
        try:
            main()
        except SystemExit as error:
            code = error.code
    return Outcome(code or 0, *capsys.readouterr())
