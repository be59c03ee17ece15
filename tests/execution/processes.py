"""What becomes of processes."""

import os
import select
import subprocess
import sys
from pathlib import Path

PATIENCE_S = 60
"""So long a test waits for what does happen; far more than it takes."""


def await_end(process_id: int) -> None:
    """Return once a process, of whatever parent, has ended."""
    try:
        handle = os.pidfd_open(process_id)
    except ProcessLookupError:
        return
    try:
        has_ended, _, _ = select.select([handle], [], [], PATIENCE_S)
    finally:
        os.close(handle)
    assert has_ended, f"process {process_id} is still there"


def is_there(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def start_script(path: Path, text: str) -> "subprocess.Popen[str]":
    """Run a script as a shell would: in the foreground of a terminal of its own."""
    path.write_text(text)
    return subprocess.Popen([sys.executable, str(path)], stderr=subprocess.PIPE, text=True, start_new_session=True)
