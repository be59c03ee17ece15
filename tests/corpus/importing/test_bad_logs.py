"""Logs that are damaged, hostile or not what they are said to be: one line each, and nothing is written."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from descan.corpus import read_corpus
from descan.corpus.importing import import_logs, read_logs
from descan.errors import InputError, OptionError
from tests.corpus.importing import logs
from tests.loading import load_answers


def answers_file(folder: Path, *changes: dict[str, object], name: str = "answers.jsonl") -> Path:
    """Write a file of LLaVA's answers, whose lines differ from a sound one."""
    sound = {"question_id": "a", "prompt": logs.DESCRIBE, "text": "She smiles.", "model_id": "m"}
    return logs.write_lines(folder / name, [{**sound, **change} for change in changes or ({},)])


def write(name: str, content: str) -> Callable[[Path], Path]:
    def call(folder: Path) -> Path:
        path = folder / name
        path.write_text(content)
        return path

    return call


BAD: dict[str, tuple[Callable[[Path], Path], dict[str, Any], str]] = {
    "an empty file": (write("log.jsonl", "\n"), {}, "{path}: is empty; name a log with answers"),
    "no log at all": (
        write("notes.txt", "hello"),
        {},
        "{path}: is no log that descan knows, or is damaged; formats are inspect, lmms-eval,",
    ),
    "a table of answers": (
        write("answers.csv", "item_id,text\na,She smiles.\n"),
        {},
        "{path}: is no log that descan knows, or is damaged; formats are inspect, lmms-eval, vlmevalkit, openai-batch, "
        "gemini-batch, llava, label-studio, mer-factory; a table of answers needs no import: see descan analyze",
    ),
    "another format than named": (
        answers_file,
        {"format": "lmms-eval"},
        "{path}: is not a sample log of lmms-eval but seems to be a file of LLaVA conversations or answers; use llava",
    ),
    "a cut off JSON file": (
        write("log.json", '[{"id": 1, "conversations": ['),
        {},
        "{path}: not JSON: 'unexpected end of data: line 1 column 30 (char 29)'; the file may be cut off",
    ),
    "a cut off line": (
        write("log.jsonl", '{"doc_id": 1, "target": "Sad", "filtered_resps": "x"}\n{"doc_id": 2, "tar'),
        {},
        '{path}:2: not JSON: unterminated string starting at in \'{{"doc_id": 2, "tar\'; use one object a line',
    ),
    "a file that is said to be zipped": (
        write("log.eval", "PK\x03\x04 cut off"),
        {},
        "{path}: is damaged or cut off: 'File is not a zip file'; copy it again",
    ),
    "a compressed log": (
        write("log.jsonl.gz", "\x1f\x8b\x08"),
        {},
        "{path}: is compressed; unpack it",
    ),
    "gold that names no category": (
        lambda folder: answers_file(folder, {"emotion": "bliss"}),
        {"gold_column": "emotion"},
        "{path}:1: gold 'bliss' (line 1) is unknown; use one of Anger, Disgust, Fear, Happy, Neutral, Sad, Surprise,",
    ),
    "two golds of one item": (
        lambda folder: answers_file(folder, {"emotion": "joy"}, {"emotion": "sad", "prompt": "Which?"}),
        {"gold_column": "emotion", "mode": None, "prompt_contains": {"describe": "describe", "classify": "which"}},
        "{path}:2: item 'a' has gold 'Happy' and 'Sad'; give an item one gold label",
    ),
    "two pictures of one item": (
        lambda folder: answers_file(folder, {"image": "a/1.png"}, {"image": "a/2.png", "model_id": "n"}),
        {"media_column": "image"},
        "{path}:2: item 'a' has media 'a/1.png' and 'a/2.png'; if these are two items, import them into two",
    ),
    "two prompts of one mode": (
        lambda folder: answers_file(folder, {}, {"prompt": "Which emotion?", "text": "Happy"}),
        {},
        "{path}:2: item 'a' has answers to two prompts that both count as describe; part them by --prompt-contains",
    ),
    "no mode": (
        lambda folder: answers_file(folder, {}, {"prompt": "Which emotion?", "text": "Happy"}),
        {"mode": None},
        "{path}: what were the models asked for? Say --mode describe or --mode classify for all answers, or "
        f"--prompt-contains MODE=TEXT for each prompt; the prompts are '{logs.DESCRIBE}' (1), 'Which emotion?' (1)",
    ),
    "nothing that can be taken": (
        lambda folder: answers_file(folder, {"text": ["a", "list"]}, {"question_id": " "}),
        {},
        "{path}: has no answers to take (1: the reply is not text; 1: item_id is missing, blank, not text or",
    ),
    "no prompt of those asked for": (
        answers_file,
        {"prompt_contains": "draw"},
        "{path}: no prompt has the words of --prompt-contains; the prompts are 'Describe the facial ",
    ),
    "requests of a batch without results": (
        lambda folder: logs.write_openai_batch(folder, logs.make_answers(1, with_statuses=False))[1],
        {},
        "{path}: has no answers to take; name a log with answers",
    ),
    "a column of a table that is not there": (
        lambda folder: logs.write_label_studio_min(folder, logs.make_answers(3, with_statuses=False))[0],
        {"mode": None, "label_column": "mood"},
        "{path}: no column 'mood'; the columns are 'image', 'gold', 'clip', 'description', 'emotion'",
    ),
}


@pytest.mark.parametrize(("make", "options", "message"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_imported_is_one_line_and_leaves_nothing(
    make: Callable[[Path], Path], options: dict[str, Any], message: str, tmp_path: Path
) -> None:
    path = make(tmp_path)
    with pytest.raises(InputError) as error:
        import_logs(path, out=tmp_path / "corpus", **{"mode": "describe", **options})
    assert str(error.value).startswith(message.format(path=path))
    assert "\n" not in str(error.value)
    assert not (tmp_path / "corpus").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "weights"}, "format must be one of inspect, lmms-eval, vlmevalkit, openai-batch, gemini-batch, "),
        ({"mode": "guess"}, "mode has mode 'guess'; use one of describe, classify,"),
        ({"prompt_contains": "x"}, "prompt_contains 'x' is of no mode; use MODE=TEXT, or name a mode, too"),
        ({"prompt_contains": {"describe": " "}}, "prompt_contains of describe is blank; give words of the prompt"),
        ({"id_pattern": "("}, "id_pattern '(' is no regular expression: missing ), unterminated subpattern at"),
        ({"first_repeat": -1}, "first_repeat must be 0 to 1e+06, not -1"),
        ({"gold": False, "gold_column": "x"}, "gold_column names gold, and gold is not to be taken; leave one of the"),
        ({"text_column": "x"}, "text_column is not for llava, which says itself what the replies are"),
        ({"model": " "}, "model is blank; give the name of the model"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(OptionError) as error:
        read_logs(answers_file(tmp_path), **options)
    assert str(error.value).startswith(message)


def test_a_file_that_may_be_of_two_formats_is_not_guessed(tmp_path: Path) -> None:
    line = {"question_id": 1, "prompt": "p", "text": "t", "doc_id": 1, "resps": ["t"]}
    path = logs.write_lines(tmp_path / "log.jsonl", [line])
    with pytest.raises(InputError, match=r"may be of several formats; name one before the path: lmms-eval, llava$"):
        read_logs(path, mode="describe")
    assert len(load_answers(read_logs(path, format="llava", mode="describe"))) == 1


def test_names_and_paths_from_outside_are_only_text(tmp_path: Path) -> None:
    hostile: dict[str, object] = {
        "question_id": "../../etc/passwd",
        "model_id": "\u202em=1+1",
        "image": "../../../etc/passwd",
    }
    path = answers_file(tmp_path, hostile, {"question_id": "a\x1b[31m"}, {"question_id": "c", "image": "a\x00b.png"})
    result = import_logs(path, out=tmp_path / "deep" / "corpus", mode="describe", media_column="image")
    corpus = read_corpus(tmp_path / "deep" / "corpus")
    assert list(corpus.items) == ["../../etc/passwd", "c"]
    assert corpus.items["c"].media is None
    assert {loss.first for loss in result.gathered.remarks.losses.values()} == {"answers.jsonl:2"}
    written = {file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*") if file.is_file()}
    prompts = {name for name in written if "/prompts/" in name}
    assert len(prompts) == 1
    own = {f"deep/corpus/{name}" for name in ("answers.jsonl", "corpus.toml", "imports.jsonl", "items.csv")}
    assert written - prompts == own | {"answers.jsonl"}


def test_numbers_that_are_none_are_left_out_of_the_answer(tmp_path: Path) -> None:
    row = {"doc_id": 0, "target": "Sad", "filtered_resps": "He cries.", "input": "Describe."}
    rows = [
        {**row, "token_counts": [{"input_tokens": math.nan, "output_tokens": -3}]},
        {**row, "doc_id": 1, "filtered_resps": math.nan},
        {**row, "doc_id": math.nan},
        {**row, "doc_id": True},
    ]
    path = logs.write_lines(tmp_path / "m" / "samples_face.jsonl", rows)
    corpus = read_logs(path, mode="describe")
    assert [(answer.item_id, answer.status, answer.input_tokens) for answer in load_answers(corpus)] == [
        ("0", "ok", None),
        ("1", "empty", None),
    ]
    assert corpus.left_out == {
        "input_tokens is not a number from 0; the answer is taken without it": 1,
        "output_tokens is not a number from 0; the answer is taken without it": 1,
        "item_id is missing, blank, not text or has control characters": 2,
    }


def test_an_answer_given_twice_is_taken_once(tmp_path: Path) -> None:
    path = answers_file(tmp_path, {}, {}, {"text": "She frowns."})
    result = import_logs(path, out=tmp_path / "corpus", mode="describe")
    assert result.n_added == 1
    losses = {reason: (loss.n, loss.first) for reason, loss in result.gathered.remarks.losses.items()}
    assert losses == {
        "the same answer is in the logs twice": (1, "answers.jsonl:2"),
        "another answer of this item, model, mode and repeat comes before; --first-repeat N makes it a repeat": (
            1,
            "answers.jsonl:3",
        ),
    }


def test_a_hundred_thousand_answers_are_imported(tmp_path: Path) -> None:
    n = 100_000
    rows = ({"doc_id": i, "target": "Sad", "filtered_resps": f"He cries {i}.", "input": "Describe."} for i in range(n))
    path = logs.write_lines(tmp_path / "model" / "samples_face.jsonl", rows)
    result = import_logs(path, out=tmp_path / "corpus", mode="describe")
    assert (result.n_added, result.n_items, result.n_gold) == (n, n, n)
    assert import_logs(path, out=tmp_path / "corpus", mode="describe").n_there == n


def test_a_text_with_lone_surrogates_is_repaired_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text('{"question_id": "a", "prompt": "p\\ud800", "text": "a sm\\ud800ile", "model_id": "m"}\n')
    corpus = read_logs(path, mode="describe")
    assert [answer.text for answer in load_answers(corpus)] == ["a sm\ufffdile"]
    assert corpus.left_out == {"repaired_text": 1}


def test_json_of_a_frame_with_nan_is_read(tmp_path: Path) -> None:
    path = tmp_path / "m" / "m_Face.json"
    path.parent.mkdir()
    path.write_text(json.dumps([{"index": 1, "question": "q", "answer": math.nan, "prediction": "She smiles."}]))
    corpus = read_logs(path, mode="describe")
    assert [(item.item_id, item.gold) for item in corpus.items.values()] == [("1", None)]
