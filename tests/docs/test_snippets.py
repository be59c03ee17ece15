"""Every block of README.md and of the documents is run, and prints what is shown."""

import csv
import gzip
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import typer

from descan.cli.app import app
from tests.corpus.importing.logs import make_answers, without, write_lmms_eval
from tests.docs.snippets import DOCS, PROJECT, Runner, read_blocks, with_project

pytestmark = pytest.mark.slow

DOCUMENTS = {path.name: path for path in (PROJECT / "README.md", *sorted(DOCS.glob("*.md")))}

_BUILDS = "builds an environment"
_FORMULA = "a formula"

NOT_RUN = {
    ("README.md", "make demo "): _BUILDS,
    ("README.md", "pip install"): _BUILDS,
    ("afew-qwen.md", "descan analyze afew-qwen"): "the answers are not part of the project",
    ("architecture.md", "collect  ->"): "a drawing",
    ("architecture.md", "flowchart"): "compared with the imports by a test of its own",
    ("collect.md", ""): "asks models; test_collect_documents.py runs it against a server that plays them",
    ("collect-situations.md", ""): "asks models; test_collect_documents.py runs it, too",
    ("data.md", "ssh server"): "needs another machine",
    ("index.md", "make demo"): _BUILDS,
    ("judges.md", ""): "asks models; test_collect_documents.py runs it, too",
    ("languages.md", "descan-esperanto/"): "a listing of docs/new_language, which a test of its own reads with",
    ("python.md", "pip install"): _BUILDS,
    ("reading.md", "w(m) ="): _FORMULA,
    ("reading.md", "e(c) ="): _FORMULA,
    ("reading.md", "score(c) ="): _FORMULA,
    ("review.md", "pip install 'descan[review]'"): "serves pages until Ctrl-C; the tests of the review do so",
    ("review.md", "All cases:"): "has secrets of its own in its addresses",
    ("review.md", "descan analyze corpora/sample"): "needs what people have read",
    ("statistics.md", "centre ="): _FORMULA,
    ("statistics.md", "variance ="): _FORMULA,
    ("statistics.md", "chance ="): _FORMULA,
    ("statistics.md", "support above chance ="): _FORMULA,
    ("statistics.md", "s ="): _FORMULA,
    ("statistics.md", "between ="): _FORMULA,
    ("statistics.md", "share = λ"): _FORMULA,
    (
        "witnesses.md",
        "descan analyze clips",
    ): "needs 50 faces with two sensors; a test of witnesses gives the table back",
    (
        "witnesses.md",
        "descan witness openface/",
    ): "needs the output of OpenFace; the tests of witnesses make such files",
}
"""Blocks that are not run, by document and beginning (nothing for all of the document), each with the reason."""

OF_OTHER_PROGRAMS = {"--limit-mm-per-prompt", "--log_samples", "--nthreads"}
"""Options that documents name and descan does not have."""

ANSWERS = [
    ("1.png", "gpt-4o", "Her brows are lowered and her jaw is clenched.", "angry", "angry"),
    ("2.png", "gpt-4o", "The corners of her mouth are raised.", "neutral", "happy"),
]
COLUMNS = ("item_id", "model", "text", "label", "gold")


def write_answers(path: Path, answers: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *answers])


def prepare_category_sets(folder: Path) -> None:
    smirk = ("3.png", "gpt-4o", "A one-sided smirk.", "contempt", "contempt")
    write_answers(folder / "affectnet.csv", [*ANSWERS, smirk])
    write_answers(folder / "a.csv", [*ANSWERS, *((f"c{n}.png", *smirk[1:]) for n in range(14))])
    write_answers(folder / "reviews.csv", [("1.png", "gpt-4o", "A broad smile.", "slightly positive", "very positive")])
    copy_corpus(folder / "corpus")
    shutil.copy(DOCS / "category_sets" / "sentiment5.toml", folder)


def prepare_own_words(folder: Path) -> None:
    shutil.copytree(DOCS / "own_words", folder / "own_words")
    (folder / "words").mkdir()
    (folder / "words" / "emotions.csv").write_text("term,pos,category,forms\nzorbed,adj,Joy,\nzurbed,adj,Sad,cross\n")
    (folder / "words" / "remove.yaml").write_text("emotions: [livd]\n")
    copy_corpus(folder / "corpus")


def prepare_importing(folder: Path) -> None:
    write_lmms_eval(folder / "logs", without(make_answers(), "failed", "truncated", "blocked", "refused", "empty"))
    # In a process of its own, because inspect_ai leaves streams open.
    script = (
        "from pathlib import Path",
        "from tests.corpus.importing.inspect_logs import write_inspect",
        "from tests.corpus.importing.logs import make_answers",
        "write_inspect(Path('runs'), make_answers(with_statuses=False))",
    )
    subprocess.run([sys.executable, "-c", "\n".join(script)], cwd=folder, env=with_project(), check=True)
    first, *_ = sorted((folder / "runs").glob("*.eval"))
    first.rename(first.with_name("run.eval"))


def prepare_terminal(folder: Path) -> None:
    write_answers(folder / "answers.csv", ANSWERS)
    with gzip.open(folder / "replies.csv.gz", "wb") as file:
        file.write((folder / "answers.csv").read_bytes())
    copy_corpus(folder / "corpus")
    for name in (".zfunc", ".config/fish/completions"):
        (folder / name).mkdir(parents=True)


def copy_corpus(folder: Path) -> None:
    shutil.copytree(PROJECT / "corpora" / "sample", folder)


PREPARE: Mapping[str, Callable[[Path], None]] = {
    "category-sets.md": prepare_category_sets,
    "importing.md": prepare_importing,
    "own-words.md": prepare_own_words,
    "scale.md": lambda folder: copy_corpus(folder / "corpora" / "large"),
    "terminal.md": prepare_terminal,
}
"""What a document takes as given, beside the sample corpus and its analysis."""

FRAME = pd.DataFrame(
    [(item, model, text, label, gold) for item, model, text, label, gold in ANSWERS],
    columns=["image", "model", "description", "label", "emotion"],
)
REPLIES = pd.DataFrame([{"item": "a", "reply": "She smiles.", "label": "happy", "gold": "happy"}])

NAMESPACES: Mapping[str, dict[str, Any]] = {
    "README.md": {"frame": FRAME},
    "data.md": {
        "frame": REPLIES,
        "labels_frame": pd.DataFrame([("a", "gpt-4o", "happy")], columns=["item_id", "model", "label"]),
        "frame_of_gpt": REPLIES.rename(columns={"item": "item_id", "reply": "text"}),
        "frame_of_llava": REPLIES.rename(columns={"item": "item_id", "reply": "text"}),
    },
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_block_runs_and_prints_what_is_shown(
    name: str,
    sample: tuple[Path, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    blocks = [block for block in read_blocks(DOCUMENTS[name]) if not is_left_out(name, block.text)]
    if not blocks:
        return
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120" if name == "python.md" else "80")
    (tmp_path / "corpora").mkdir()
    for corpus in ("sample", "witnessed", "decided"):
        (tmp_path / "corpora" / corpus).symlink_to(PROJECT / "corpora" / corpus)
    shutil.copytree(sample[0], tmp_path / "out" / "sample")
    if name in PREPARE:
        PREPARE[name](tmp_path)
    runner = Runner(tmp_path, sample, capsys)
    runner.namespace.update(NAMESPACES.get(name, {}))
    try:
        for block in blocks:
            try:
                runner.run(block)
            except Exception as error:
                error.add_note(f"{name}:{block.line}")
                raise
    finally:
        runner.close()


def is_left_out(name: str, text: str) -> bool:
    return any(document == name and text.startswith(beginning) for document, beginning in NOT_RUN)


def test_what_is_left_out_is_there() -> None:
    texts = {name: [block.text for block in read_blocks(path)] for name, path in DOCUMENTS.items()}
    assert [key for key in NOT_RUN if not any(text.startswith(key[1]) for text in texts[key[0]])] == []


def test_commands_and_options_named_in_sentences_are_there() -> None:
    commands = dict(list_commands(typer.main.get_command(app)))
    options = {
        option
        for command in commands.values()
        for each in command.params
        for option in (*each.opts, *each.secondary_opts)
    }
    for name, path in DOCUMENTS.items():
        text = path.read_text(encoding="utf-8")
        for code in re.findall(r"`(descan [a-z][^`]*)`", text):
            words = code.split()[1:]
            command = commands.get(" ".join(words[:2])) or commands.get(words[0])
            assert command is not None, (name, code)
            known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
            assert {word.partition("=")[0] for word in words if word.startswith("--")} <= known | {"--help"}, (
                name,
                code,
            )
        for option in re.findall(r"`(--[a-z][a-z_-]+)[^`]*`", text):
            assert option in options | {"--help"} | OF_OTHER_PROGRAMS, (name, option)


def list_commands(command: Any, *names: str) -> Any:
    yield " ".join(names), command
    for name, inner in getattr(command, "commands", {}).items():
        yield from list_commands(inner, *names, name)
