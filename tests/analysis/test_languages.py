"""Corpora whose answers are in several languages."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from descan.analysis import analyze
from descan.corpus import read_corpus
from descan.errors import InputError
from descan.lexicon import lexicon_path, load_language_finder, readable_languages
from tests.analysis.corpora import BARE, bytes_of

ENGLISH = "Her brows are furrowed and her lips are pressed together; she looks angry."
GERMAN = "Die Brauen sind zusammengezogen und die Lippen fest aufeinandergepresst."
KOREAN = "눈썹을 찌푸리고 입술을 굳게 다물고 있습니다."


def write_corpus(folder: Path, *answers: dict[str, Any], language: str = "") -> Path:
    folder.mkdir()
    (folder / "corpus.toml").write_text(f'language = "{language}"\n' if language else "", encoding="utf-8")
    ids = dict.fromkeys(answer["item_id"] for answer in answers)
    (folder / "items.csv").write_text("item_id,gold\n" + "".join(f"{name},Anger\n" for name in ids), encoding="utf-8")
    lines = [json.dumps({"model": "m", "mode": "describe", **answer}) + "\n" for answer in answers]
    (folder / "answers.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder


def described(folder: Path) -> dict[str, tuple[str, str]]:
    """Return the language and the category of each description that was read."""
    rows = pd.read_parquet(folder / "readings.parquet")
    return {row.item_id: (row.language, row.described) for row in rows.itertuples()}


def told(folder: Path) -> dict[str, str]:
    """Return the language of each description."""
    rows = pd.read_parquet(folder / "answers.parquet").query("mode == 'describe'")
    return dict(zip(rows["item_id"], rows["language"], strict=True))


def test_a_description_in_another_language_has_no_reading_and_its_pair_no_verdict(tmp_path: Path) -> None:
    texts = {"a": ENGLISH, "b": KOREAN, "c": GERMAN, "d": "Angry."}
    answers = [{"item_id": item, "text": text} for item, text in texts.items()]
    labels = [{"item_id": item, "mode": "classify", "text": "Anger"} for item in texts]
    run = analyze(read_corpus(write_corpus(tmp_path / "corpus", *answers, *labels)), tmp_path / "out", BARE).run
    assert told(tmp_path / "out") == {"a": "en", "b": "ko", "c": "de", "d": "en"}
    assert described(tmp_path / "out") == {"a": ("en", "Anger"), "d": ("en", "Anger")}
    verdicts = pd.read_parquet(tmp_path / "out" / "verdicts.parquet").set_index("item_id")
    assert verdicts["verdict"].to_dict() == {"a": "right", "b": "unscored", "c": "unscored", "d": "right"}
    assert verdicts.loc[["b", "c"], "detail"].tolist() == ["language", "language"]
    assert run["languages"] == {"read": {"en": 2}, "unread": {"de": 1, "ko": 1}}
    assert run["left_out"] == {"describe_language": 2}


@pytest.mark.parametrize("language", ["", "en", "de", "ko"])
def test_the_language_of_the_corpus_counts_only_where_a_text_tells_none(tmp_path: Path, language: str) -> None:
    corpus = write_corpus(
        tmp_path / "corpus",
        {"item_id": "a", "text": ENGLISH},
        {"item_id": "b", "text": KOREAN},
        {"item_id": "c", "text": "AU4+23"},
        language=language,
    )
    analyze(read_corpus(corpus), tmp_path / "out", BARE)
    assert told(tmp_path / "out") == {"a": "en", "b": "ko", "c": "und"}
    assert described(tmp_path / "out").keys() == ({"a", "c"} if language in ("", "en") else {"a"})


def test_the_language_that_an_answer_names_outweighs_its_text(tmp_path: Path) -> None:
    corpus = write_corpus(
        tmp_path / "corpus",
        {"item_id": "a", "text": ENGLISH, "language": "German"},
        {"item_id": "b", "text": "Brauen: AU4, furrowed.", "language": "en-US"},
        {"item_id": "c", "text": ENGLISH, "language": None},
        {"item_id": "d", "text": KOREAN, "language": "und"},
    )
    analyze(read_corpus(corpus), tmp_path / "out", BARE)
    assert told(tmp_path / "out") == {"a": "de", "b": "en", "c": "en", "d": "ko"}
    assert described(tmp_path / "out").keys() == {"b", "c"}


def test_a_label_is_read_with_the_words_of_the_language_that_it_names(tmp_path: Path) -> None:
    label = {"mode": "classify", "text": "怒り"}
    corpus = write_corpus(
        tmp_path / "corpus", {"item_id": "a", **label, "language": "ja"}, {"item_id": "b", **label}, language="en"
    )
    analyze(read_corpus(corpus), tmp_path / "out", BARE)
    labels = pd.read_parquet(tmp_path / "out" / "labels.parquet").set_index("item_id")["label"]
    assert labels["a"] == "Anger"
    assert pd.isna(labels["b"])


def test_thinking_in_another_language_does_not_count(tmp_path: Path) -> None:
    thought = f"<think>{KOREAN * 20}</think>{ENGLISH}"
    analyze(read_corpus(write_corpus(tmp_path / "corpus", {"item_id": "a", "text": thought})), tmp_path / "out", BARE)
    assert described(tmp_path / "out") == {"a": ("en", "Anger")}


def test_what_has_no_text_keeps_its_reason(tmp_path: Path) -> None:
    corpus = write_corpus(
        tmp_path / "corpus",
        {"item_id": "a", "text": KOREAN, "status": "truncated"},
        {"item_id": "b", "text": " "},
        {"item_id": "c", "text": "I cannot help with identifying people or their emotions."},
    )
    run = analyze(read_corpus(corpus), tmp_path / "out", BARE).run
    table = pd.read_csv(tmp_path / "out" / "tables" / "unscored.csv")
    assert sorted(table["reason"]) == ["empty", "refused", "truncated"]
    assert run["languages"] == {"read": {"en": 1}, "unread": {}}


def test_an_unknown_language_of_an_answer_is_refused_with_its_line(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus", {"item_id": "a", "text": ENGLISH, "language": "Klingon"})
    message = r"answers\.jsonl:1: language 'Klingon' is unknown; use an ISO 639-1 code such as en, de or ja$"
    with pytest.raises(InputError, match=message):
        analyze(read_corpus(corpus), tmp_path / "out", BARE)


def test_blocks_and_processes_change_no_byte_of_a_mixed_corpus(tmp_path: Path) -> None:
    texts = [ENGLISH, KOREAN, "She smiles.", GERMAN, "AU12", "He frowns. Sad eyes."] * 4
    corpus = write_corpus(tmp_path / "corpus", *({"item_id": f"i{n}", "text": text} for n, text in enumerate(texts)))
    written = []
    for n, block_answers in enumerate((1, 5, 100)):
        out = tmp_path / f"out-{n}"
        analyze(read_corpus(corpus), out, replace(BARE, has_cache=False, block_answers=block_answers))
        written.append(bytes_of(out))
    assert written[0] == written[1] == written[2]


@pytest.fixture
def second_lexicon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Add a lexicon `de` that is the English one, but for "angry", which is Sad in it."""
    shutil.copytree(lexicon_path(), tmp_path / "package" / "lexicons")
    shutil.copytree(lexicon_path("en"), tmp_path / "package" / "lexicons" / "de")
    terms = tmp_path / "package" / "lexicons" / "de" / "emotions.csv"
    content = terms.read_text(encoding="utf-8")
    assert content.count("\nangry,adj,Anger,") == 1
    terms.write_text(content.replace("\nangry,adj,Anger,", "\nangry,adj,Sad,"), encoding="utf-8")
    monkeypatch.setattr("descan.storage.shipped._PACKAGE", tmp_path / "package")
    cached = (readable_languages, load_language_finder)
    for function in cached:
        function.cache_clear()
    yield
    for function in cached:
        function.cache_clear()


@pytest.mark.usefixtures("second_lexicon")
def test_descriptions_are_read_by_the_lexicon_of_their_language_in_their_own_order(tmp_path: Path) -> None:
    answers = [
        {"item_id": f"i{n}", "text": text, "language": language}
        for n, (language, text) in enumerate(
            [("de", "She is angry."), ("en", "She is angry."), ("ko", KOREAN), ("de", "A smile."), ("en", "A smile.")]
        )
    ]
    run = analyze(read_corpus(write_corpus(tmp_path / "corpus", *answers)), tmp_path / "out", BARE).run
    expected = {"i0": ("de", "Sad"), "i1": ("en", "Anger"), "i3": ("de", "Happy"), "i4": ("en", "Happy")}
    assert described(tmp_path / "out") == expected
    mentions = pd.read_parquet(tmp_path / "out" / "mentions.parquet")
    assert list(zip(mentions["item_id"], mentions["text"], strict=True)) == [
        *(("i0", "angry"), ("i1", "angry")),
        *(("i3", "smile"), ("i4", "smile")),
    ]
    assert run["languages"] == {"read": {"de": 2, "en": 2}, "unread": {"ko": 1}}


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_column_language_of_a_table_is_read_in_any_case_and_empty_cells_name_none(
    tmp_path: Path, suffix: str
) -> None:
    rows = [("a", "English", ENGLISH, "Anger"), ("b", "de-AT", ENGLISH, "Wut"), ("c", None, KOREAN, "怒り")]
    rows += [("d", "nan", ENGLISH, "Anger"), ("e", "ja", KOREAN, "怒り")]
    table = pd.DataFrame(rows, columns=["item_id", "Language", "text", "label"]).assign(model="m", gold="Anger")
    path = tmp_path / f"table{suffix}"
    if suffix == ".csv":
        table.to_csv(path, index=False)
    else:
        table.to_excel(path, index=False)
    corpus = read_corpus(path)
    assert not [note for note in corpus.notes if "not read" in note]
    analyze(corpus, tmp_path / "out", BARE)
    assert told(tmp_path / "out") == {"a": "en", "b": "de", "c": "ko", "d": "en", "e": "ja"}
    labels = pd.read_parquet(tmp_path / "out" / "labels.parquet").set_index("item_id")["label"]
    assert labels.dropna().to_dict() == dict.fromkeys("abde", "Anger")


def test_verdicts_are_told_by_language_where_there_are_several(tmp_path: Path) -> None:
    texts = {
        "a": ENGLISH,
        "b": "眉をひそめ、怒っている。",
        "c": "A smile.",
        "d": "彼女は怒っていない。にっこり笑っている。",
    }
    labels = [{"item_id": item, "mode": "classify", "text": "Anger"} for item in texts]
    answers = [{"item_id": item, "text": text} for item, text in texts.items()]
    analyze(read_corpus(write_corpus(tmp_path / "corpus", *answers, *labels)), tmp_path / "out", BARE)
    rows = pd.read_csv(tmp_path / "out" / "tables" / "languages.csv").set_index(["language", "measure"])
    assert rows.loc[("en", "description_right"), ["n", "n_scored", "share"]].tolist() == [1, 2, 0.5]
    assert rows.loc[("ja", "right"), ["n", "n_scored", "share"]].tolist() == [1, 2, 0.5]
    assert rows.loc[("ja", "lucky"), "n"] == rows.loc[("en", "lucky"), "n"] == 1
    assert rows.loc[("ja", "label_right"), "share"] == 1
    analyze(read_corpus(write_corpus(tmp_path / "one", *answers[::2], *labels[::2])), tmp_path / "alone", BARE)
    assert pd.read_csv(tmp_path / "alone" / "tables" / "languages.csv").empty
