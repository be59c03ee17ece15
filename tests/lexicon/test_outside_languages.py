"""A language that another package brings, and one whose tokenizer is not installed."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from descan.lexicon import load_lexicon, load_profile, readable_languages

TEMPLATE = Path(__file__).parents[2] / "docs" / "new_language"


def write_answers(path: Path, *texts: str) -> Path:
    pd.DataFrame({"item_id": [f"i{n}" for n in range(len(texts))], "text": texts}).to_csv(path, index=False)
    return path


def run_installed(packages: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(packages), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "descan", *map(str, arguments)]
    return subprocess.run(
        command, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, encoding="utf-8", check=False
    )


@pytest.mark.slow
def test_the_template_installed_from_outside_reads_a_corpus_in_its_language(tmp_path: Path) -> None:
    installing = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([*installing, "--target", tmp_path / "packages", TEMPLATE], check=True, capture_output=True)
    answers = write_answers(
        tmp_path / "answers.csv",
        "Ŝiaj brovoj estas kuntiritaj kaj ŝi estas kolera.",
        "Li ne estas kolera, sed kun rideto kaj larĝe malfermitaj okuloj.",
        "She smiles and looks happy.",
    )
    ran = run_installed(tmp_path / "packages", "analyze", answers, "--out", tmp_path / "out", "--no-report")
    assert ran.returncode == 0, ran.stderr
    readings = pd.read_parquet(tmp_path / "out" / "readings.parquet")
    assert list(zip(readings["language"], readings["described"], strict=True)) == [
        ("eo", "Anger"), ("eo", "Happy"), ("en", "Happy"),
    ]  # fmt: skip
    mentions = pd.read_parquet(tmp_path / "out" / "mentions.parquet").query("item_id == 'i1'")
    assert list(zip(mentions["text"], mentions["negated"], strict=True)) == [
        ("kolera", True), ("rideto", False), ("larĝe malfermitaj okuloj", False),
    ]  # fmt: skip


def test_an_entry_point_without_a_lexicon_is_told_in_one_line(tmp_path: Path) -> None:
    info = tmp_path / "wrong-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: wrong\nVersion: 1\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[descan.languages]\neo = json\n", encoding="utf-8")
    ran = run_installed(tmp_path, "explain", "A smile.")
    assert ran.returncode == 1
    assert ran.stderr == (
        "descan: entry point 'eo' of descan.languages names 'json', which is no package with emotions.csv; "
        "name the package whose folder has the lexicon, or uninstall it\n"
    )


HIDING = """
import sys

class Hiding:
    def __init__(self, finder):
        self.finder = finder

    def __getattr__(self, name):
        return getattr(self.finder, name)

    def find_spec(self, name, path=None, target=None):
        return None if name.startswith("sudachi") else self.finder.find_spec(name, path, target)

sys.meta_path[:] = map(Hiding, sys.meta_path)
"""
COMMAND = "descan: to read Japanese, descan needs sudachipy and sudachidict_core; run: pip install 'descan[ja]'\n"
SMILING = "彼女は微笑んでいる。"


@pytest.fixture
def without_sudachi(tmp_path: Path) -> Path:
    """A folder on whose path the packages that Japanese needs are missing, also in workers."""
    folder = tmp_path / "hiding"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(HIDING, encoding="utf-8")
    return folder


def test_a_corpus_whose_tokenizer_is_missing_says_the_command(tmp_path: Path, without_sudachi: Path) -> None:
    answers = write_answers(tmp_path / "answers.csv", SMILING, "目を見開いている。")
    ran = run_installed(without_sudachi, "analyze", answers, "--out", tmp_path / "out", "--no-report")
    assert (ran.returncode, ran.stderr) == (1, COMMAND)
    assert not (tmp_path / "out").exists()
    ran = run_installed(without_sudachi, "explain", SMILING)
    assert (ran.returncode, ran.stderr) == (1, COMMAND)


def test_a_stray_answer_whose_tokenizer_is_missing_is_not_read_and_the_command_is_said(
    tmp_path: Path, without_sudachi: Path
) -> None:
    answers = write_answers(tmp_path / "answers.csv", SMILING, "She smiles.")
    ran = run_installed(without_sudachi, "analyze", answers, "--out", tmp_path / "out", "--no-report")
    assert ran.returncode == 0, ran.stderr
    assert "1 in Japanese" in ran.stdout
    assert "To read more: pip install 'descan[ja]'" in " ".join(ran.stdout.split())


def test_a_language_without_a_lexicon_needs_nothing_and_each_lexicon_has_the_same_inventory() -> None:
    assert load_profile("ko").is_installed
    inventory = load_lexicon().actions.actions
    for language in readable_languages():
        actions = load_lexicon(language).actions.actions
        assert {name: (entry.region, entry.aus) for name, entry in actions.items()} == {
            name: (entry.region, entry.aus) for name, entry in inventory.items()
        }
