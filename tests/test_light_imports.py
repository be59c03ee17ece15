"""Libraries are imported without others that take long, and work all the same."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

IMPORTED = "from descan.light_imports import import_sentence_transformers as begin; begin(); import sys; "


def said(script: str, folder: Path | None = None) -> str:
    """Give what another process prints, which finds modules of a folder before those installed."""
    environment = os.environ | ({} if folder is None else {"PYTHONPATH": str(folder)})
    result = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    return result.stdout.strip()


def test_scikit_learn_comes_when_a_measure_of_it_is_asked_for() -> None:
    script = (
        f"{IMPORTED}before = 'sklearn' in sys.modules; "
        "from sentence_transformers.util import similarity; "
        "distances = similarity.pairwise_distances([[0.0, 0.0]], [[3.0, 4.0]], metric='manhattan'); "
        "print(before, distances.tolist(), 'sklearn' in sys.modules)"
    )
    assert said(script) == "False [[7.0]] True"


@pytest.mark.parametrize("use", ["import sklearn.cluster", "from sklearn.metrics import f1_score as f; f.__wrapped__"])
def test_a_library_that_uses_more_than_functions_gets_scikit_learn_itself(tmp_path: Path, use: str) -> None:
    package = tmp_path / "sentence_transformers"
    package.mkdir()
    (package / "__init__.py").write_text(f"from . import part\n{use}\n")
    (package / "part.py").write_text("names = []\n")
    script = (
        f"{IMPORTED}import sentence_transformers as s; print(s.__file__, sys.modules['sklearn'].__file__ is not None)"
    )
    assert said(script, tmp_path) == f"{package / '__init__.py'} True"


def test_spacy_comes_without_torch_which_can_still_be_imported() -> None:
    script = (
        "from descan.light_imports import import_spacy_alone as begin; begin(); import sys; "
        "print('spacy' in sys.modules, 'torch' in sys.modules); import torch; print(torch.ones(1).tolist())"
    )
    assert said(script) == "True False\n[1.0]"


def test_a_worker_reads_without_the_libraries_that_reading_never_uses() -> None:
    script = (
        "from descan.light_imports import forgo_what_reading_never_uses as forgo; forgo(); import sys; "
        "from descan.extract import load_extractor; "
        "found = load_extractor('en').extract(['She is not smiling.']); "
        "print(found.mentions.is_negated.tolist(), {'pandas', 'scipy', 'torch'} & sys.modules.keys())"
    )
    assert said(script) == "[True] set()"
