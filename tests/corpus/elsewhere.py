"""Blocks read in another process."""

import pickle
import subprocess
import sys
from collections.abc import Sequence

from descan.corpus import Block, Corpus
from descan.records import Answer

_CODE = """
import pickle, sys
from descan.corpus import load_block
answer_format, blocks = pickle.load(sys.stdin.buffer)
found = [load_block(block, answer_format).answers for block in reversed(blocks)]
sys.stdout.buffer.write(pickle.dumps(found[::-1]))
"""


def read_elsewhere(corpus: Corpus, blocks: Sequence[Block]) -> list[Answer]:
    """Read blocks in a fresh process, the last block first."""
    sent = pickle.dumps((corpus.answer_format(), blocks))
    done = subprocess.run([sys.executable, "-c", _CODE], input=sent, capture_output=True, check=True)
    return [answer for answers in pickle.loads(done.stdout) for answer in answers]
