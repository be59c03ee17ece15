"""Machine code finds what plain Python finds, is made once and only where that pays, and is never needed."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numba import njit
from numba.extending import register_jitable

from descan.extract import load_extractor
from descan.extract.engine.clause import MarkedTokens
from descan.extract.engine.compilation import OPTIONS, has_counted_references, is_known
from descan.extract.machine_code import COMPILING_PAYS, LOADING_PAYS

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("machine code")]  # They compile it once for all of them.

MUCH = 10 * COMPILING_PAYS
READ = """
import hashlib, json, sys
from descan.extract import load_extractor
extractor = load_extractor()
extractor.prepare(int(sys.argv[2]))
texts = [json.loads(line)["text"] or "" for line in open(sys.argv[1], encoding="utf-8")]
texts += [" ".join(text.split()[::-1]) for text in texts] + ["", "no brows, " * 500]
digest = hashlib.sha256(repr(extractor.records(texts)).encode()).hexdigest()
is_compiled = extractor._engine.is_compiled
n_made = sum(extractor._engine.functions.parse.stats.cache_misses.values()) if is_compiled else 0
print(json.dumps([digest, is_compiled, n_made, "numba" in sys.modules]))
"""


def extract_apart(answers: Path, n_characters: int, cache: Path, **environment: str) -> tuple[list[Any], str]:
    """Extract in another process.

    Returns:
        A digest of the mentions, whether machine code found them, how often it was made, whether numba was imported;
        and what stands on standard error.
    """
    done = subprocess.run(
        [sys.executable, "-c", READ, str(answers), str(n_characters)],
        env={**os.environ, "DESCAN_CACHE_DIR": str(cache), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout), done.stderr


@pytest.fixture(scope="module")
def answers(sample_corpus: Path) -> Path:
    return sample_corpus / "answers.jsonl"


@pytest.fixture(scope="module")
def plain(answers: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The digest of what plain Python finds."""
    cache = tmp_path_factory.mktemp("plain") / "cache"
    [digest, *rest], said = extract_apart(answers, COMPILING_PAYS - 1, cache)
    assert rest == [False, 0, False]
    assert said == ""
    assert not cache.exists()
    return str(digest)


@pytest.fixture(scope="module")
def filled_cache(answers: Path, plain: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that two processes have filled at the same time."""
    cache = tmp_path_factory.mktemp("filled")
    with ThreadPoolExecutor() as pool:
        results = list(pool.map(lambda _: extract_apart(answers, MUCH, cache), range(2)))
    assert sorted(found[2] for found, _ in results) == [0, 1]
    assert [(found[:2], said) for found, said in results] == [([plain, True], "")] * 2
    return cache


def test_few_texts_are_read_without_a_compiler_and_leave_no_trace(plain: str) -> None:
    assert plain


def test_several_processes_compile_once_and_find_what_plain_python_finds(filled_cache: Path) -> None:
    assert len(list(filled_cache.glob("machine-code/*.entry"))) == 1


def test_cached_machine_code_is_used_where_loading_pays(answers: Path, plain: str, filled_cache: Path) -> None:
    assert extract_apart(answers, LOADING_PAYS, filled_cache) == ([plain, True, 0, True], "")
    assert extract_apart(answers, LOADING_PAYS - 1, filled_cache) == ([plain, False, 0, False], "")


def test_machine_code_stays_within_its_arrays(answers: Path, plain: str, tmp_path: Path) -> None:
    # Indices are the same at any level of optimization, and a lower one compiles sooner.
    found, _ = extract_apart(answers, MUCH, tmp_path, NUMBA_BOUNDSCHECK="1", NUMBA_OPT="1")
    assert found == [plain, True, 1, True]


def test_damaged_machine_code_is_not_loaded(answers: Path, plain: str, filled_cache: Path, tmp_path: Path) -> None:
    [entry] = filled_cache.glob("machine-code/*.entry")
    content = bytearray(entry.read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "machine-code").mkdir(mode=0o700)
    (tmp_path / "machine-code" / entry.name).write_bytes(content)
    assert extract_apart(answers, LOADING_PAYS, tmp_path) == ([plain, False, 0, False], "")


def test_without_a_writable_cache_plain_python_reads_with_one_line_of_warning(
    answers: Path, plain: str, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    found, said = extract_apart(answers, MUCH, tmp_path / "file")
    assert found == [plain, False, 0, False]
    [line] = said.splitlines()
    what = "descriptions are read without compiling, which is slower"
    assert line == f"{what}: {tmp_path / 'file'}: Not a directory; set DESCAN_CACHE_DIR to another folder"


def test_a_folder_that_others_can_write_to_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DESCAN_CACHE_DIR", str(tmp_path))
    (tmp_path / "machine-code").mkdir()
    (tmp_path / "machine-code").chmod(0o777)
    load_extractor.cache_clear()  # Another test may have compiled it.
    extractor = load_extractor()
    extractor.prepare(MUCH)
    assert not extractor._engine.is_compiled
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert "others can write to it" in record.getMessage()


@pytest.mark.parametrize(("options", "has_counts"), [({}, True), (dict(OPTIONS), False)])
def test_the_options_of_numba_leave_out_reference_counts(options: dict[str, Any], has_counts: bool) -> None:
    def sentence_of(tokens: MarkedTokens, index: int) -> int:
        return int(tokens.sentence + tokens.marks[index])

    def number_of(tokens: MarkedTokens, index: int) -> int:
        return int(tokens.marks[index]) if tokens.marks[index] > tokens.sentence else known(tokens, index)

    known = register_jitable(**options)(sentence_of) if options else register_jitable(sentence_of)
    called = register_jitable(**options)(number_of) if options else register_jitable(number_of)
    compiled = njit(**options)(lambda tokens: called(tokens, 0) + called(tokens, 1) + called(tokens, 2))
    assert compiled(MarkedTokens(np.array([1, 3, 1]), 1)) == 7
    assert has_counted_references(compiled) == has_counts


def test_an_option_that_numba_does_not_have_is_noticed() -> None:
    assert is_known(OPTIONS)
    assert not is_known({"_no_such_option": False})


def test_arrays_are_of_the_types_that_were_compiled_whatever_is_read(filled_cache: Path) -> None:
    kinds: Sequence[str] = ["['']", "['She smiles.']", "['She smiles, ' * 9000, 'Mara\\ud800']", "[]"]
    code = "from descan.extract import load_extractor; e = load_extractor(); e.prepare(10**9); " + "; ".join(
        f"e.records({texts})" for texts in kinds
    )
    code += "; from descan.extract import load_pipeline; load_pipeline()('He frowns.'); assert e._engine.is_compiled"
    environment = {**os.environ, "DESCAN_CACHE_DIR": str(filled_cache)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
