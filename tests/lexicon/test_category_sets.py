"""Category sets: those that come with descan, a user's own file, and which terms speak for what."""

from pathlib import Path

import pytest

from descan.corpus import CategoryNames
from descan.errors import InputError
from descan.lexicon import (
    category_set_digest,
    category_set_record,
    check_terms,
    load_category_set,
    load_lexicon,
    parse_category_set,
    set_names,
    term_categories,
)

EXAMPLES = Path(__file__).parents[2] / "docs" / "category_sets"
TWO = "[categories.Good]\nvalence = 1.0\n[categories.Bad]\nvalence = -1.0\n"


def write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def test_basic8_has_contempt_beside_the_seven() -> None:
    seven, eight = load_category_set(), load_category_set("basic8")
    assert set_names() == ("basic7", "basic8")
    assert eight.names == ("Anger", "Contempt", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise")
    assert [name for name in eight.names if name != "Contempt"] == list(seven.names)
    assert (seven.neutral, eight.neutral, eight.neutral_place) == ("Neutral", "Neutral", 5)
    assert (eight.valence_of("Contempt"), eight.score_columns[1]) == (-1.0, "score_contempt")


def test_terms_of_a_finer_family_are_of_the_set_that_names_it() -> None:
    lexicon = load_lexicon()
    seven, eight = (term_categories(lexicon, load_category_set(name)) for name in set_names())
    assert [seven[term] for term in ("scorn", "smug", "sarcastic", "disgust")] == [
        "Disgust",
        "Happy",
        "Other",
        "Disgust",
    ]
    assert [eight[term] for term in ("scorn", "smug", "sarcastic", "disgust")] == [*["Contempt"] * 3, "Disgust"]
    assert {term: of for term, of in eight.items() if of != "Contempt"}.items() <= seven.items()
    assert seven == {term: entry.category for term, entry in lexicon.terms.items()}


def test_terms_that_no_family_claims_go_by_their_valence() -> None:
    found = term_categories(load_lexicon(), load_category_set(EXAMPLES / "sentiment5.toml"))
    terms = ("furious", "joy", "calm", "bored", "surprised", "sorrow")
    assert [found[term] for term in terms] == [
        *("Negative", "Positive", "Neutral", "Weakly negative", "Neutral", "Negative")
    ]


def test_a_single_term_outweighs_its_family(tmp_path: Path) -> None:
    path = write(tmp_path / "a.toml", TWO + 'families = ["Sad"]\n[categories.Ugly]\nvalence = 0.0\nterms = ["grief"]\n')
    categories, lexicon = load_category_set(path), load_lexicon()
    found = term_categories(lexicon, categories)
    assert (found["grief"], found["sorrow"], found["joy"]) == ("Ugly", "Bad", "Other")
    check_terms(categories, lexicon)
    with pytest.raises(InputError) as caught:
        check_terms(load_category_set(write(path, TWO + 'terms = ["blub"]\n')), lexicon)
    assert str(caught.value) == (
        "category set a: categories.Bad.terms: 'blub' is no term of the lexicon (en); use a lemma of its emotions.csv"
    )


@pytest.mark.parametrize("name", [*set_names(), *sorted(EXAMPLES.glob("*.toml"))], ids=str)
def test_a_set_is_the_same_after_it_was_written_down(name: str | Path) -> None:
    categories = load_category_set(name)
    assert parse_category_set(category_set_record(categories)) == categories
    assert len(category_set_digest(categories)) == 64


def test_a_file_without_a_name_is_called_after_itself_and_paths_are_relative_to_the_folder(tmp_path: Path) -> None:
    write(tmp_path / "mine.toml", TWO)
    assert load_category_set("mine.toml", tmp_path).name == "mine"
    assert load_category_set(write(tmp_path / "b.toml", 'name = "ours"\n' + TWO)).name == "ours"


def test_words_come_with_a_name_or_an_alias_that_the_list_has() -> None:
    names = CategoryNames(load_category_set(EXAMPLES / "emotions6.toml"))
    assert [names.find(word) for word in ("joy", "happiness", "Trauer", "angry", "neutral")] == [
        *("Joy", "Joy", "Sadness", "Anger", None)
    ]
    names = CategoryNames(load_category_set(EXAMPLES / "sentiment5.toml"))
    assert [names.find(word) for word in ("very_negative", "-1", "1", "0", "angry")] == [
        *("Negative", "Weakly negative", "Weakly positive", "Neutral", None)
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "categories: is missing"),
        ("[categories.Good]\nvalence = 1\n", "categories: Dictionary should have at least 2 items"),
        (TWO + 'famlies = ["Sad"]\n', "categories.Bad.famlies: is unknown"),
        ("colour = 1\n" + TWO, "colour: is unknown; use one of name, neutral, "),
        (TWO + 'families = ["Joy"]\n', "categories.Bad.families.0: family 'Joy' is unknown; use one of Anger, "),
        (TWO + "term_valence = [1.0, -1.0]\n", "categories.Bad.term_valence: the first number is above the second"),
        (TWO + "term_valence = [1.0]\n", "categories.Bad.term_valence: List should have at least 2 items"),
        ("[categories.A]\nvalence = 2\n[categories.B]\nvalence = 0\n", "categories.A.valence: Input should be less"),
        ('neutral = "Calm"\n' + TWO, "neutral 'Calm' is no category; use one of Good, Bad, or leave it out"),
        (TWO + "[categories.undecided]\nvalence = 0\n", "category name 'undecided' means something else in the tables"),
        (TWO + "[categories.off_list]\nvalence = 0\n", "category name 'off_list' means something else in the tables"),
        (TWO + '[categories."a\'b"]\nvalence = 0\n', 'category name "a\'b" is not allowed; use up to 40 letters'),
        (
            TWO + "[categories.good]\nvalence = 0\n",
            "category names 'Good' and 'good' differ only in case, spaces, - or _",
        ),
        (TWO + 'aliases = ["good"]\n', "categories.Bad.aliases: 'good' is as good as 'Good', which is of Good already"),
        (TWO + 'aliases = ["-"]\n', "categories.Bad.aliases: '-' has no letter; use a word"),
        (TWO.replace("1.0\n[", '1.0\nfamilies = ["Sad"]\n[') + 'families = ["Sad"]\n', "'Sad' is of Good already"),
        ("".join(f"[categories.C{n}]\nvalence = 0\n" for n in range(16)), "should have at most 15 items"),
        ("categories = 3\n", "categories: Input should be a valid dictionary"),
        ("a = ", "not TOML: "),
    ],
)
def test_a_file_that_is_not_allowed_is_told_with_its_key(tmp_path: Path, content: str, problem: str) -> None:
    path = write(tmp_path / "mine.toml", content)
    with pytest.raises(InputError) as caught:
        load_category_set(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert problem in str(caught.value)


def test_a_set_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^category set 'basic9' is unknown; use one of basic7, basic8, or a \.toml"):
        load_category_set("basic9")
    with pytest.raises(InputError, match=r"nix\.toml: "):
        load_category_set(tmp_path / "nix.toml")
