"""Logs that inspect_ai wrote itself."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from descan.corpus import read_corpus
from descan.corpus.importing import import_logs, read_logs
from descan.errors import InputError
from tests.corpus.importing import logs
from tests.corpus.importing.test_formats import content_of, verdicts_of
from tests.loading import load_answers

pytest.importorskip("inspect_ai", reason="inspect_ai is not installed: pip install 'descan[inspect]'")

# What inspect_ai does is not for descan to mend.
pytestmark = pytest.mark.filterwarnings("ignore")

OPTIONS: dict[str, Any] = {"prompt_contains": logs.PARTED}


@pytest.mark.parametrize("kind", ["eval", "json"])
def test_a_log_gives_the_corpus_and_the_verdicts_that_one_would_write_by_hand(kind: str, tmp_path: Path) -> None:
    from tests.corpus.importing.inspect_logs import MODEL, write_inspect

    said = logs.without(logs.make_answers(), "refused")
    plain = logs.write_plain(tmp_path / "plain", said, MODEL)
    folder = write_inspect(tmp_path / "logs", said, kind)
    result = import_logs(folder, out=tmp_path / "corpus", **OPTIONS)
    assert (result.n_added, result.n_items, result.n_gold) == (len(said), 30, 30)
    assert content_of(read_corpus(tmp_path / "corpus")) == content_of(read_corpus(plain))
    again = import_logs(folder, out=tmp_path / "corpus", **OPTIONS)
    assert (again.n_added, again.n_there) == (0, len(said))
    expected = verdicts_of(plain, tmp_path / "of-plain")
    assert verdicts_of(tmp_path / "corpus", tmp_path / "of-corpus") == expected
    assert verdicts_of(read_logs(folder, format="inspect", **OPTIONS), tmp_path / "of-logs") == expected
    lines = [json.loads(line) for line in (tmp_path / "corpus" / "answers.jsonl").read_text().splitlines()]
    first = next(line for line in lines if line["item_id"] == "face-3")
    assert first["finish_reason"] == "stop"
    tokens = (first["input_tokens"], first["output_tokens"], first["thinking_tokens"], first["cost_usd"])
    assert tokens == (310, 35, 5, 0.002)
    failures = [json.loads(line) for line in (tmp_path / "corpus" / "failures.jsonl").read_text().splitlines()]
    assert [(line["item_id"], line["mode"], line["finish_reason"]) for line in failures] == [
        ("face-0", "describe", "error")
    ]


def test_two_questions_of_one_dialog_are_parted_by_their_prompts(tmp_path: Path) -> None:
    from tests.corpus.importing.inspect_logs import MODEL, write_dialogs

    said = logs.make_answers(8, with_statuses=False)
    plain = read_corpus(logs.write_plain(tmp_path / "plain", said, MODEL))
    folder = write_dialogs(tmp_path / "logs", said)
    options = {**OPTIONS, "group_column": "clip", "media_column": "picture"}
    import_logs(folder, out=tmp_path / "corpus", **options)
    corpus = read_corpus(tmp_path / "corpus")
    assert content_of(corpus) == content_of(plain)
    assert corpus.items["face-1"].group == "clip-face-1"
    assert corpus.items["face-1"].media == "faces/face-1.png"
    assert dict(corpus.prompts) == logs.PROMPTS


def test_epochs_are_repeats(tmp_path: Path) -> None:
    from tests.corpus.importing.inspect_logs import run_generate

    texts = [f"She smiles, time {n}." for n in range(4)]
    folder = run_generate(tmp_path / "logs", texts, ["Happy", "Sad"], epochs=2)
    corpus = read_logs(folder, mode="describe")
    answers = load_answers(corpus)
    assert sorted((answer.item_id, answer.repeat) for answer in answers) == [("0", 0), ("0", 1), ("1", 0), ("1", 1)]
    assert sorted(answer.text for answer in answers) == texts
    assert [corpus.items[item].gold for item in ("0", "1")] == ["Happy", "Sad"]


def test_letters_of_a_choice_become_the_choice_in_gold_and_replies(tmp_path: Path) -> None:
    from tests.corpus.importing.inspect_logs import write_multiple_choice

    replies = [("a", "A", "ANSWER: B"), ("b", "C", "Her jaw is set.\n\nANSWER: C"), ("c", "B", "I think it is sad.")]
    folder = write_multiple_choice(tmp_path / "logs", replies)
    import_logs(folder, out=tmp_path / "corpus", mode="classify")
    corpus = read_corpus(tmp_path / "corpus")
    assert [corpus.items[item].gold for item in "abc"] == ["Happy", "Anger", "Sad"]
    assert [answer.text for answer in load_answers(corpus)] == ["Sad", "Anger", "I think it is sad."]
    first = json.loads((tmp_path / "corpus" / "answers.jsonl").read_text().splitlines()[0])
    assert first["reply"] == "ANSWER: B"


def test_a_log_that_is_cut_off_is_one_line(tmp_path: Path) -> None:
    from tests.corpus.importing.inspect_logs import run_generate

    (log,) = run_generate(tmp_path / "logs", ["She smiles."], ["Happy"]).iterdir()
    content = log.read_bytes()
    log.write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError) as error:
        read_logs(log, format="inspect", mode="describe")
    assert str(error.value).startswith(f"{log}: is damaged or cut off: ")
    assert "\n" not in str(error.value)


def test_without_inspect_ai_the_command_that_installs_it_is_named(tmp_path: Path) -> None:
    from tests.corpus.importing.inspect_logs import run_generate

    (log,) = run_generate(tmp_path / "logs", ["She smiles."], ["Happy"]).iterdir()
    code = (
        "import sys; sys.modules['inspect_ai'] = None; import descan; descan.read_inspect(sys.argv[1], mode='describe')"
    )
    done = subprocess.run([sys.executable, "-c", code, str(log)], capture_output=True, text=True, check=False)
    last = done.stderr.splitlines()[-1]
    assert last.endswith(f"{log}: logs of inspect_ai are read by inspect_ai; run: pip install 'descan[inspect]'")
