"""The command line in this process."""

import sys
from typing import NamedTuple

import pytest

from descan.cli import main


class Outcome(NamedTuple):
    code: object
    out: str
    err: str


def run_descan(capsys: pytest.CaptureFixture[str], *arguments: object) -> Outcome:
    """Run a command as the console script does."""
    code: object = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["descan", *map(str, arguments)])
        try:
            main()
        except SystemExit as error:
            code = error.code
    return Outcome(code or 0, *capsys.readouterr())
