import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import descan
from benchmarks.emotions import Emotion
from descan.corpus import ColumnNames, read_corpus
from descan.corpus.spellings import CategoryNames
from descan.errors import InputError, OptionError
from descan.lexicon import category_words, fold_spelling, load_category_set, load_category_words
from tests.loading import load_answers

NAMES = CategoryNames(load_category_set())
ALLOWED = (
    "use one of Anger, Disgust, Fear, Happy, Neutral, Sad, Surprise, a common word for one, or leave it empty; "
    "--alias WORD=CATEGORY and [labels] of corpus.toml give a word its category"
)


def write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def golds(path: Path, **aliases: str) -> list[str | None]:
    return [item.gold for item in read_corpus(path, aliases=aliases).items.values()]


def problem(path: Path, **aliases: str) -> str:
    with pytest.raises(InputError) as caught:
        read_corpus(path, aliases=aliases)
    return str(caught.value)


@pytest.mark.parametrize(
    ("category", "words"),
    [
        ("Anger", "anger ANGRY Wut wütend WÜTEND colère enojo 怒り 愤怒 憤怒 ang"),
        ("Disgust", "disgust Disgusted Ekel dégoût asco 嫌悪 厌恶 厭惡"),
        ("Fear", "fear fearful scared Afraid Angst peur miedo 恐怖 恐惧 害怕"),
        ("Happy", "Happiness joy JOYFUL happily Freude glücklich joie heureux alegría feliz 喜び 嬉しい 高兴 快樂"),
        ("Neutral", "neutral neutrality neutre neutro 無表情 中性"),
        ("Sad", "sadness Sad sadly Trauer traurig tristesse triste 悲しみ 悲伤 難過"),
        ("Surprise", "surprised Überraschung überrascht étonné sorpresa 驚き 惊讶"),
    ],
)
def test_words_of_six_languages_name_a_category_in_any_case(category: str, words: str) -> None:
    assert {word: NAMES.find(word) for word in words.split()} == dict.fromkeys(words.split(), category)


@pytest.mark.parametrize("word", ["contempt", "calm", "bored", "unhappy", "disgusto", ""])
def test_words_outside_the_seven_or_of_no_settled_meaning_name_none(word: str) -> None:
    assert NAMES.find(word) is None


def test_every_language_has_words_for_every_category_and_none_is_a_category_itself() -> None:
    words = load_category_words()
    assert [language for language in words if language != "codes"] == ["en", "de", "fr", "es", "ja", "zh"]
    for language in ("en", "de", "fr", "es", "ja", "zh"):
        assert set(words[language]) == {*map(str, Emotion), "Contempt"}
    for emotion in Emotion:
        assert NAMES.common_words().get(fold_spelling(emotion), emotion) == emotion


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("en: {Joy: [joy]}", "en: category 'Joy' is unknown; use one of Anger, "),
        ("en: {Sad: [low]}\nde: {Fear: [LOW]}", "de: 'LOW' stands for Sad and Fear; give a word one category"),
        ("en: {Sad: []}", "en.Sad: List should have at least 1 item"),
    ],
)
def test_a_list_that_is_not_allowed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, expected: str
) -> None:
    path = write(tmp_path / "category_words.yaml", content)
    monkeypatch.setattr(category_words, "lexicon_path", lambda *_: path)
    with pytest.raises(InputError) as caught:
        category_words.load_category_words.__wrapped__()
    assert str(caught.value).startswith(f"{path}: {expected}")


def test_all_unknown_gold_is_told_at_once_with_counts_and_lines(tmp_path: Path) -> None:
    words = ["glee", "Sad", "bliss", "glee", "glee", "glee", "contempt", "Contempt"]
    path = write(tmp_path / "a.csv", "text,gold\n" + "".join(f"x,{word}\n" for word in words))
    contempt = "'contempt' (line 8), 'Contempt' (line 9) is Contempt"
    contempt += ", which the category set basic7 does not have; use --categories basic8, which has it, or leave these "
    contempt += "items out with --drop-gold Contempt"
    found = f"'glee' (4 rows, lines 2, 5, 6 and more), 'bliss' (line 4) are unknown; {contempt}"
    assert problem(path) == f"{path}:2: gold {found}; {ALLOWED}"
    assert problem(path, glee="Happy", bliss="joy") == f"{path}:8: gold {contempt}"
    assert golds(path, glee="Happy", bliss="joy", contempt="Disgust")[-2:] == ["Disgust", "Disgust"]


def test_of_very_many_unknown_words_the_most_frequent_are_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "text,gold\n" + "".join(f"x,w{n}\n" for n in range(1000)) + "x,w7\n")
    assert problem(path).startswith(f"{path}:2: gold 'w7' (2 rows, lines 9, 1002), 'w0' (line 2), ")
    assert " and 980 more words are unknown; " in problem(path)


@pytest.mark.parametrize("number", ['"0"', "0", "0.0", '"0.0"'])
def test_numbers_of_classes_are_read_by_a_legend(tmp_path: Path, number: str) -> None:
    path = write(tmp_path / "a.jsonl", f'{{"text": "x", "gold": {number}, "label": 6}}\n')
    corpus = read_corpus(path, aliases={"0": "Anger", "6": "surprised"})
    assert [item.gold for item in corpus.items.values()] == ["Anger"]
    assert [answer.text for answer in load_answers(corpus)] == ["x", "6"]
    assert corpus.aliases == {"0": "Anger", "6": "Surprise"}
    assert problem(path) == f"{path}:1: gold '0' (line 1) is unknown; {ALLOWED}"


def test_numbers_of_a_parquet_file_are_read_by_a_legend(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": ["x", "y"], "gold": [3, None], "label": [3.0, 4.0]}), path)
    assert golds(path, **{"3": "joy"}) == ["Happy", None]
    assert [answer.text for answer in load_answers(read_corpus(path, aliases={"3": "joy"}))] == ["x", "3", "y", "4"]


def write_features(path: Path, features: object, gold: list[int | None]) -> Path:
    table = pa.table({"text": ["x"] * len(gold), "emotion": gold, "label": gold})
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    pq.write_table(table.replace_schema_metadata(metadata), path)
    return path


def test_the_class_names_in_a_parquet_file_of_hugging_face_are_read(tmp_path: Path) -> None:
    kind = {"names": ["anger", "joy", "neutral"], "_type": "ClassLabel"}
    path = write_features(tmp_path / "a.parquet", {"emotion": kind, "label": kind}, [1, 0, -1, None])
    corpus = read_corpus(path, columns=ColumnNames(gold="emotion"))
    assert [item.gold for item in corpus.items.values()] == ["Happy", "Anger", None, None]
    assert [answer.text for answer in load_answers(corpus)] == ["x", "joy", "x", "anger", "x", "x"]
    with pytest.raises(InputError) as caught:
        read_corpus(write_features(path, {"emotion": kind}, [0, 7]), columns=ColumnNames(gold="emotion"))
    assert str(caught.value) == f"{path}:2: emotion 7 is not a class; the schema names 3, from 0"


@pytest.mark.parametrize(
    "features", [None, [], {"emotion": None}, {"emotion": {"names": "x"}}, {"other": {"names": []}}]
)
def test_a_schema_that_names_no_classes_leaves_numbers(tmp_path: Path, features: object) -> None:
    path = write_features(tmp_path / "a.parquet", features, [2])
    corpus = read_corpus(path, columns=ColumnNames(gold="emotion"), aliases={"2": "Sad"})
    assert [item.gold for item in corpus.items.values()] == ["Sad"]


def test_given_aliases_outweigh_those_of_the_corpus_and_the_list(tmp_path: Path) -> None:
    write(tmp_path / "corpus.toml", '[labels]\nso-so = "Sad"\nmeh = "Sad"\n')
    write(tmp_path / "items.csv", "item_id,gold\na,so so\nb,meh\nc,joy\n")
    write(tmp_path / "answers.jsonl", "")
    assert golds(tmp_path) == ["Sad", "Sad", "Happy"]
    assert golds(tmp_path, so_so="Neutral", joy="Surprise") == ["Neutral", "Sad", "Surprise"]
    corpus = read_corpus(tmp_path, aliases={"SO_SO": "Neutral"})
    assert corpus.aliases == {"meh": "Sad", "SO_SO": "Neutral"}
    assert problem(tmp_path, meh="Bliss") == (
        "alias 'meh' is given as 'Bliss'; use one of Anger, Disgust, Fear, Happy, Neutral, Sad, Surprise"
    )
    with pytest.raises(OptionError, match=r"^aliases are for a path; give them to read_corpus, which has read this"):
        descan.analyze(corpus, tmp_path / "out", aliases={"x": "Sad"})
