"""The machine code does what the Python code says, and is there where nothing can be written."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

READ = """
import hashlib, json, sys
from descan.extract import extract_all
texts = [json.loads(line)["text"] or "" for line in open(sys.argv[1], encoding="utf-8")]
texts += [" ".join(text.split()[::-1]) for text in texts] + ["", "no brows, " * 500]
print(hashlib.sha256(repr(list(extract_all(texts))).encode()).hexdigest())
"""


def extracted(answers: Path, **environment: str) -> str:
    """Give the digest of what is found in the texts, by a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", READ, str(answers)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def answers(sample_corpus: Path) -> Path:
    return sample_corpus / "answers.jsonl"


@pytest.fixture(scope="module")
def compiled(answers: Path) -> str:
    return extracted(answers)


def test_machine_code_finds_what_the_same_code_finds_as_plain_python(answers: Path, compiled: str) -> None:
    assert len(compiled) == hashlib.sha256().digest_size * 2
    assert extracted(answers, NUMBA_DISABLE_JIT="1") == compiled


def test_machine_code_stays_within_its_arrays(answers: Path, compiled: str, tmp_path: Path) -> None:
    assert extracted(answers, NUMBA_BOUNDSCHECK="1", NUMBA_CACHE_DIR=str(tmp_path)) == compiled
