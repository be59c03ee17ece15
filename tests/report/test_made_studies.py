"""What the page says of studies whose truth is known; `python -m tests.report.test_made_studies` writes it anew."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from benchmarks.simulation.design import load_designs
from benchmarks.simulation.study import HUMAN_READINGS, draw_study, write_study
from descan.compare import CompareOptions, compare
from descan.report.analysis_tables import open_tables
from descan.report.answer import answer_sentences
from descan.report.misreading import misreading_warnings

pytestmark = pytest.mark.slow

STUDIES = load_designs(Path(__file__).with_name("made_studies.yaml"))
EXPECTED = Path(__file__).with_name("made_studies.txt")


def _sentences(name: str) -> str:
    design, rng = STUDIES.designs[name], np.random.default_rng([*name.encode()])
    with TemporaryDirectory(prefix="descan-") as temporary:
        folder = Path(temporary)
        write_study(draw_study(design, rng, STUDIES.describers), folder, rng)
        human_readings = (folder / HUMAN_READINGS,) if design.human_readings else ()
        compare(folder, CompareOptions(threads=1, n_resamples=1_000, human_readings=human_readings))
        tables = open_tables(folder, {})
        sentences = (*misreading_warnings(tables, str), *answer_sentences(tables))
    return "".join(f"{sentence}\n" for sentence in sentences).replace("\u2068", "").replace("\u2069", "")


def _sections() -> dict[str, str]:
    parts = EXPECTED.read_text(encoding="utf-8").split("## ")[1:]
    return {name: text.strip("\n") + "\n" for name, text in (part.split("\n", 1) for part in parts)}


@pytest.mark.parametrize("name", STUDIES.designs)
def test_every_sentence_is_the_one_that_was_read_beside_the_truth(name: str) -> None:
    assert _sentences(name) == _sections()[name]


if __name__ == "__main__":
    EXPECTED.write_text("\n".join(f"## {name}\n\n{_sentences(name)}" for name in STUDIES.designs), encoding="utf-8")
