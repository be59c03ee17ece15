"""The answers of a corpus, loaded as an analysis loads them: blocks apart from each other, keys in one place."""

import pickle
from collections import Counter

from descan.corpus import AnswerKeys, Corpus, load_block
from descan.records import Answer


def load_answers(corpus: Corpus, n_rows: int = 1000) -> list[Answer]:
    return load_counted(corpus, n_rows)[0]


def load_counted(corpus: Corpus, n_rows: int = 1000) -> tuple[list[Answer], Counter[str]]:
    """Return the answers, and how many were left out or repaired, by reason."""
    answer_format = pickle.loads(pickle.dumps(corpus.answer_format()))
    keys, answers, left_out = AnswerKeys(answer_format), list[Answer](), Counter[str]()
    for block in corpus.blocks(n_rows):
        found = load_block(pickle.loads(pickle.dumps(block)), answer_format)
        keys.add(block, found.all_keys)
        answers += found.answers
        left_out.update(found.left_out)
    keys.check()
    for block in corpus.failure_blocks(n_rows):
        found = keys.new_failures(load_block(block, answer_format))
        answers += found.answers
        left_out.update(found.left_out)
    corpus.check_not_empty(len(answers), left_out)
    return answers, left_out
