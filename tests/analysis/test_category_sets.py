"""Analyses with other categories than the seven: everything after follows the set."""

import csv
import json
import random
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sklearn.metrics import accuracy_score, f1_score, recall_score

import descan
from descan.analysis.results import Analysis
from descan.corpus import CategoryNames, read_corpus
from descan.errors import InputError, OptionError
from descan.lexicon import load_category_set

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parents[2] / "docs" / "category_sets"
QUICK: dict[str, Any] = {"report": False, "n_resamples": 100, "embedder": "none", "cache": False, "workers": False}

# Spellings as the public result files of labels have them, each with other columns and classes.
PUBLIC = {
    "raf_db": (
        ("image", "gold", "prediction"),
        ["Surprise", "Fear", "Disgust", "Happiness", "Sadness", "Anger", "Neutral"],
    ),
    "sfew": (("filename", "gold", "prediction"), ["Angry", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise"]),
    "ferplus": (
        ("Image name", "label", "answer"),
        ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"],
    ),
    "ck": (("file", "true", "predicted"), ["anger", "contempt", "disgust", "fear", "happy", "sadness", "surprise"]),
    "affectnet": (
        ("path", "gold", "prediction"),
        ["Neutral", "Happy", "Sad", "Surprise", "Fear", "Disgust", "angry", "Contempt"],
    ),
}


def run(corpus: Path, **options: object) -> Analysis:
    return descan.analyze(corpus, **{**QUICK, **options})


def write_corpus(folder: Path, rows: list[tuple[str, str, str]], categories: str = "") -> Path:
    """Write a corpus of gold, description and label of each item."""
    folder.mkdir()
    (folder / "corpus.toml").write_text(f'categories = "{categories}"\n' if categories else "", encoding="utf-8")
    golds = "".join(f"i{n},{gold}\n" for n, (gold, _, _) in enumerate(rows))
    (folder / "items.csv").write_text(f"item_id,gold\n{golds}", encoding="utf-8")
    answers = [
        {"item_id": f"i{n}", "model": "m", "mode": mode, "text": text}
        for n, (_, *texts) in enumerate(rows)
        for mode, text in zip(("describe", "classify"), texts, strict=True)
    ]
    (folder / "answers.jsonl").write_text("\n".join(map(json.dumps, answers)) + "\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", list(PUBLIC))
def test_public_result_files_are_scored_as_scikit_learn_scores_their_columns(name: str, tmp_path: Path) -> None:
    columns, classes = PUBLIC[name]
    chance = random.Random(name)
    golds = [*classes, *(chance.choice(classes) for _ in range(150))]
    said = [gold if chance.random() < 0.6 else chance.choice(classes) for gold in golds]
    with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [(f"{n}.jpg", *pair) for n, pair in enumerate(zip(golds, said, strict=True))]
        csv.writer(file).writerows([columns, *rows])
    named = dict(zip(("id_column", "gold_column", "label_column"), columns, strict=True))
    scores = run(tmp_path / f"{name}.csv", categories="basic8", **named).table("scores")
    row = scores[scores["categories"] == "eight"].iloc[0]
    assert (row["n_gold"], row["n_used"]) == (len(golds), len(golds))
    names = CategoryNames(load_category_set("basic8"))
    golds, said = ([names.find(word) or "" for word in words] for words in (golds, said))
    assert row["accuracy"] == pytest.approx(accuracy_score(golds, said), abs=1e-6)
    assert row["uar"] == pytest.approx(recall_score(golds, said, average="macro"), abs=1e-6)
    assert row["macro_f1"] == pytest.approx(f1_score(golds, said, average="macro"), abs=1e-6)


CONTEMPT = [
    ("Contempt", "A contemptuous smirk; she looks down on everyone.", "Contempt"),
    ("contemptuous", "He is scornful, with one lip corner raised.", "Disgust"),
    ("Contempt", "Her nose is wrinkled in disgust.", "Anger"),
    ("Disgust", "His nose is wrinkled in disgust.", "disdain"),
    ("Happy", "A broad, happy smile.", "Happy"),
    ("Neutral", "A calm, neutral face.", "Neutral"),
    ("Sad", "She is crying and sad.", "Neutral"),
]


def test_contempt_is_a_category_of_its_own_in_every_table(tmp_path: Path) -> None:
    analysis = run(write_corpus(tmp_path / "corpus", CONTEMPT, "basic8"))
    verdicts = pq.read_table(analysis.folder / "verdicts.parquet").to_pylist()
    assert [(row["gold"], row["described"], row["label"], row["verdict"], row["detail"]) for row in verdicts] == [
        ("Contempt", "Contempt", "Contempt", "right", ""),
        ("Contempt", "Contempt", "Disgust", "labeling_failure", "other_label"),
        ("Contempt", "Disgust", "Anger", "seeing_failure", "near_miss"),
        ("Disgust", "Disgust", "Contempt", "labeling_failure", "other_label"),
        ("Happy", "Happy", "Happy", "right", ""),
        ("Neutral", "Neutral", "Neutral", "right", ""),
        ("Sad", "Sad", "Neutral", "labeling_failure", "fell_back_to_neutral"),
    ]
    readings = pq.read_table(analysis.folder / "readings.parquet")
    scores = [name for name in readings.column_names if name.startswith("score_")]
    assert scores[:3] == ["score_anger", "score_contempt", "score_disgust"]
    assert len(scores) == 8
    eight = list(load_category_set("basic8").names)
    assert analysis.table("categories")["category"].tolist() == [*eight, "Other"]
    described = analysis.table("confusion_described")
    assert (len(described), described["gold"].unique().tolist()) == (8 * 9, eight)
    assert analysis.table("scores")["categories"].tolist() == ["eight", "seven"] * 2
    assert analysis.table("misreading").empty
    assert set(analysis.table("misreading_verdicts")["confusion"]) == {"none"}
    found = analysis.run["category_set"]
    assert (found["name"], list(found["categories"]), len(found["sha256"])) == ("basic8", eight, 64)


def test_the_same_corpus_by_another_set_is_another_analysis(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus", CONTEMPT, "basic8")
    aliases = dict.fromkeys(("Contempt", "contemptuous", "disdain"), "Disgust")
    analysis = run(corpus, categories="basic7", aliases=aliases)
    verdicts = pq.read_table(analysis.folder / "verdicts.parquet").to_pylist()
    assert [(row["gold"], row["described"]) for row in verdicts[:4]] == [("Disgust", "Disgust")] * 4
    assert analysis.run["category_set"]["name"] == "basic7"
    assert not analysis.table("misreading").empty


def test_a_gold_outside_the_set_is_an_error_that_names_those_that_have_it(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus", CONTEMPT)
    with pytest.raises(InputError) as caught:
        read_corpus(corpus)
    assert str(caught.value) == (
        f"{corpus / 'items.csv'}:2: gold 'Contempt' (2 rows, lines 2, 4), 'contemptuous' (line 3) is Contempt, which "
        "the category set basic7 does not have; use --categories basic8, which has it, or leave these items out with "
        "--drop-gold Contempt"
    )
    with pytest.raises(
        InputError, match=r"is Happy, which the category set sentiment5 does not have; use --categories"
    ):
        read_corpus(corpus, categories=EXAMPLES / "sentiment5.toml", drop_gold=["Contempt", "Disgust"])


@pytest.mark.parametrize("word", ["Contempt", "contempt", "CONTEMPT"])
def test_items_with_a_dropped_gold_are_left_out_and_counted(tmp_path: Path, word: str) -> None:
    corpus = write_corpus(tmp_path / "corpus", CONTEMPT)
    analysis = run(corpus, drop_gold=[word, "Neutral"])
    assert pq.read_table(analysis.folder / "items.parquet")["item_id"].to_pylist() == ["i3", "i4", "i6"]
    assert analysis.run["left_out"] == {"answers_to_dropped_items": 8, "items_with_dropped_gold": 4}
    assert analysis.table("off_list")["reply"].tolist() == ["disdain"]


def test_a_gold_to_drop_that_no_item_has_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("item_id,gold,label\na,Sad,sad\n", encoding="utf-8")
    corpus = write_corpus(tmp_path / "corpus", CONTEMPT[4:])
    for source in (path, corpus):
        assert read_corpus(source, drop_gold=["Contemt"]).notes == (
            "no item has the gold 'Contemt', so none is dropped",
        )


def test_golds_that_no_set_has_can_be_dropped_from_a_table(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("item_id,gold,label\na,Uncertain,sad\nb,Sad,sad\nc,,sad\n", encoding="utf-8")
    analysis = run(path, drop_gold=["uncertain"])
    assert analysis.run["left_out"] == {"answers_to_dropped_items": 1, "items_with_dropped_gold": 1}
    assert analysis.run["counts"]["items"] == 2
    path.write_text("item_id,gold,label\na,Sad,sad\nb,Sad,sad\n", encoding="utf-8")
    with pytest.raises(InputError, match="all 2 answers are to items whose gold is dropped or that are not listed"):
        run(path, drop_gold=["Sad"])


def test_a_set_without_neutral_has_no_analysis_of_it(tmp_path: Path) -> None:
    rows = [
        ("joy", "A broad, happy smile.", "Joy"),
        ("sadness", "She is crying and sad.", "anger"),
        ("anger", "A calm, neutral face.", "neutral"),
    ]
    (tmp_path / "sets").mkdir()
    (tmp_path / "sets" / "mine.toml").write_text((EXAMPLES / "emotions6.toml").read_text("utf-8"), "utf-8")
    analysis = run(write_corpus(tmp_path / "corpus", rows, "../sets/mine.toml"))
    verdicts = pq.read_table(analysis.folder / "verdicts.parquet").to_pylist()
    assert [(row["gold"], row["described"], row["verdict"], row["detail"]) for row in verdicts] == [
        ("Joy", "Joy", "right", ""),
        ("Sadness", "Sadness", "labeling_failure", "other_label"),
        ("Anger", "Undecided", "unscored", "off_list"),
    ]
    for name in ("neutral", "neutral_sources", "two_stage"):
        assert analysis.table(name).empty, name
    assert "fell_back_to_neutral" not in set(analysis.table("verdict_details")["detail"])
    assert set(analysis.table("chain")["label"]) == {"other"}
    assert analysis.table("scores")["categories"].tolist() == ["six", "six"]
    assert analysis.run["category_set"]["neutral"] is None


def test_classes_of_sentiment_take_words_by_valence_and_actions_by_family(tmp_path: Path) -> None:
    rows = [
        ("positive", "A broad smile; she looks delighted.", "1"),
        ("-2", "Brows lowered, lips pressed: furious.", "very negative"),
        ("Weakly negative", "He seems bored.", "-1"),
        ("0", "A calm face.", "neutral"),
    ]
    analysis = run(write_corpus(tmp_path / "corpus", rows), categories=EXAMPLES / "sentiment5.toml")
    verdicts = pq.read_table(analysis.folder / "verdicts.parquet").to_pylist()
    assert [(row["gold"], row["described"], row["label"]) for row in verdicts] == [
        ("Positive", "Positive", "Weakly positive"),
        ("Negative", "Negative", "Negative"),
        ("Weakly negative", "Weakly negative", "Weakly negative"),
        ("Neutral", "Neutral", "Neutral"),
    ]
    readings = pq.read_table(analysis.folder / "readings.parquet")
    assert "score_weakly_negative" in readings.column_names
    assert analysis.table("scores")["categories"].tolist() == ["five", "four"] * 2


def test_fifteen_categories_are_scored_by_chance_too(tmp_path: Path) -> None:
    content = "".join(f"[categories.C{n}]\nvalence = 0.0\n" for n in range(14))
    content += '[categories.Last]\nvalence = -1.0\nfamilies = ["Sad"]\nactions = ["Sad"]\n'
    (tmp_path / "many.toml").write_text(content, encoding="utf-8")
    rows = [("Last", "She is sad.", "Last"), ("C3", "She is sad.", "C3"), ("Last", "A smile.", "C1")]
    analysis = run(write_corpus(tmp_path / "corpus", rows), categories=tmp_path / "many.toml")
    support = analysis.table("support").set_index(["evidence", "support"]).loc[("terms_described", "strict")]
    # 1 of 3 described and gold Last; by chance 2/3 gold Last times 2/3 described Last.
    assert (support["share"], support["chance_share"]) == pytest.approx((1 / 3, 4 / 9), abs=1e-6)


def test_labels_of_a_corpus_follow_the_chosen_set(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus", CONTEMPT[4:5])
    labels = '[labels]\nmeh = "Neutral"\nyay = "Happy"\njoy = "Happy"\n'
    (corpus / "corpus.toml").write_text(labels, encoding="utf-8")
    assert read_corpus(corpus, categories=EXAMPLES / "emotions6.toml").aliases == {"yay": "Joy", "joy": "Joy"}
    assert read_corpus(corpus, categories="basic8").aliases == {"meh": "Neutral", "yay": "Happy", "joy": "Happy"}


def test_a_corpus_that_was_read_has_its_set(tmp_path: Path) -> None:
    corpus = read_corpus(write_corpus(tmp_path / "corpus", CONTEMPT, "basic8"))
    assert corpus.categories == load_category_set("basic8")
    with pytest.raises(OptionError, match="categories are for a path; give them to read_corpus"):
        descan.analyze(corpus, tmp_path / "out", categories="basic7")
    with pytest.raises(InputError, match=r"^category set 'basic9' is unknown"):
        read_corpus(write_corpus(tmp_path / "other", CONTEMPT, "basic9"))


@pytest.mark.parametrize(
    ("text", "described"),
    [
        ("A smirk.", "Contempt"),
        ("Her left lip corner is pulled up.", "Contempt"),
        ("Both lip corners are pulled up.", "Happy"),
        ("The left corner of the mouth is raised, and the right corner of the mouth is raised too.", "Happy"),
        ("He rolls his eyes.", "Contempt"),
    ],
)
def test_a_smile_on_one_side_of_the_face_speaks_for_contempt(text: str, described: str) -> None:
    assert descan.explain(text, embedder="none", categories="basic8").reading.described == described
    assert descan.explain(text, embedder="none").reading.described != "Contempt"
