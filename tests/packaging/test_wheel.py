import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).resolve().parents[2]


def run(*command: str | Path, folder: Path) -> str:
    """Run a command in a folder, without what would lead Python to the project's own files."""
    env = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    ran = subprocess.run(list(map(str, command)), cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, f"{command}\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout


def build(kind: str, source: Path, folder: Path) -> Path:
    run(sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", folder, folder=source)
    (built,) = folder.iterdir()
    return built


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", PROJECT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a new environment that has the wheel, and the dependencies of this one by a path.

    A path that a .pth file adds is not searched for .pth files, so an editable install here stays unseen there.
    """
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=False, symlinks=True)
    paths = {"base": str(folder), "platbase": str(folder)}
    programs = Path(sysconfig.get_path("scripts", "venv", paths))
    packages = Path(sysconfig.get_path("purelib", "venv", paths))
    run(
        *(sys.executable, "-m", "pip", "--python", programs / "python", "install"),
        *("--quiet", "--no-deps", "--no-index", wheel),
        folder=folder,
    )
    dependencies = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (packages / "dependencies.pth").write_text("\n".join(sorted(dependencies)), encoding="utf-8")
    return programs


def test_the_wheel_carries_every_lexicon_file_and_nothing_foreign(wheel: Path) -> None:
    lexicons = {path.relative_to(PROJECT) for path in (PROJECT / "lexicons").rglob("*") if path.is_file()}
    names = names_in(wheel)
    assert {f"descan/{path.as_posix()}" for path in lexicons} <= names
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"descan"}


def test_the_source_archive_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    archive = build("sdist", PROJECT, tmp_path / "sdist")
    with tarfile.open(archive) as unpacked:
        unpacked.extractall(tmp_path, filter="data")
    source = tmp_path / archive.name.removesuffix(".tar.gz")
    assert names_in(build("wheel", source, tmp_path / "wheel")) == names_in(wheel)


def test_the_installed_package_is_the_wheels(installed: Path, tmp_path: Path) -> None:
    where = run(installed / "python", "-c", "import descan.emotions as e; print(e.__file__)", folder=tmp_path)
    assert Path(where.strip()).is_relative_to(installed.parent)


def test_explain_runs_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    shown = run(installed / "descan", "explain", "She is smiling.", folder=tmp_path)
    assert "smiling" in shown
    assert "Happy" in shown


def test_analyze_runs_on_one_bare_file(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "answers.csv").write_text('text\n"She is smiling."\n"His brows are lowered."\n', encoding="utf-8")
    run(installed / "descan", "analyze", "answers.csv", "--out", "analysis", folder=tmp_path)
    mentions = pq.read_table(tmp_path / "analysis" / "mentions.parquet").to_pylist()
    assert {"smile", "brow_lower"} <= {mention["action"] for mention in mentions}
    assert pq.read_table(tmp_path / "analysis" / "readings.parquet").num_rows == 2
    assert (tmp_path / "analysis" / "run.json").is_file()
