"""The lexicon files that come with descan, and what is said of broken ones."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from benchmarks.emotions import Emotion
from descan.errors import InputError
from descan.lexicon import expand_alternatives, lexicon_path, load_families, load_lexicon, read_yaml
from descan.lexicon.entries import ActionFile, AnchorFile, AssertionFile, TermFile
from descan.lexicon.loading import _read_terms

# The action units (AUs) of the annotation guide, after FACS.
INVENTORY = {
    "brow_raise": "1+2", "inner_brow_raise": "1", "brow_lower": "4", "brow_neutral": "", "forehead_wrinkle": "",
    "eyes_widen": "5", "eyes_narrow": "7", "eyes_crinkle": "6", "eyes_close": "43", "eyes_tear": "", "eyes_roll": "",
    "eyes_neutral": "", "gaze_down": "64", "gaze_up": "63", "gaze_side": "61/62", "gaze_fixed": "69",
    "nose_wrinkle": "9", "nostril_flare": "38", "cheek_raise": "6", "cheek_puff": "34", "smile": "12", "smirk": "14",
    "lip_corner_down": "15", "upper_lip_raise": "10", "mouth_open": "25/26/27", "teeth_show": "25",
    "lips_press": "23/24", "lips_pucker": "18", "lips_stretch": "20", "lip_bite": "32", "lip_tremble": "",
    "mouth_neutral": "", "jaw_clench": "31", "jaw_thrust": "29", "chin_raise": "17", "head_tilt": "55/56",
    "head_down": "54", "head_up": "53", "head_turn": "51/52", "face_tense": "", "face_relaxed": "",
}  # fmt: skip

Copy = Callable[[str, str, str], Path]


@pytest.fixture
def changed_copy(tmp_path: Path) -> Copy:
    """Copy a lexicon file with one piece of its text replaced."""

    def copy(name: str, old: str, new: str) -> Path:
        content = lexicon_path("en", name).read_text(encoding="utf-8")
        assert old in content
        path = tmp_path / name
        path.write_text(content.replace(old, new, 1), encoding="utf-8")
        return path

    return copy


def write_terms(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "emotions.csv"
    path.write_text("\n".join(["# A comment.", "term,pos,category,valence,context,forms", *rows, ""]), encoding="utf-8")
    return path


def test_the_inventory_has_the_41_actions_of_the_guide_with_their_units() -> None:
    assert len(INVENTORY) == 41
    assert {name: entry.aus for name, entry in load_lexicon().actions.actions.items()} == INVENTORY


def test_every_action_can_be_said_somehow() -> None:
    for name, entry in load_lexicon().actions.actions.items():
        assert entry.frames or entry.words, name


def test_there_are_at_least_1500_lemmas_and_every_category_has_some() -> None:
    terms = load_lexicon().terms
    assert len(terms) >= 1_500
    for category in (*Emotion, "Other"):
        assert sum(entry.category == category for entry in terms.values()) >= 30, category


def test_terms_are_lower_case_and_other_terms_say_how_pleasant_they_are() -> None:
    for term, entry in load_lexicon().terms.items():
        assert term == term.lower().strip(), term
        assert entry.category != "Other" or entry.valence is not None, term


def test_a_term_without_a_valence_has_that_of_its_category() -> None:
    lexicon = load_lexicon()
    bare = {str(entry.category): term for term, entry in lexicon.terms.items() if entry.valence is None}
    assert {category: lexicon.valence(term) for category, term in bare.items()}.items() >= {
        (Emotion.ANGER, -1.0),
        (Emotion.HAPPY, 1.0),
        (Emotion.SAD, -1.0),
    }


def test_an_unknown_key_is_refused_with_the_keys_there_are(changed_copy: Copy) -> None:
    path = changed_copy("actions.yaml", "\nignore:", "\nactoins: []\nignore:")
    with pytest.raises(InputError) as error:
        read_yaml(path, ActionFile)
    allowed = "parts, transparent, motions, adjacent_only, actions, overrides, ignore"
    assert str(error.value) == f"{path}: actoins: is unknown; use one of {allowed}"


def test_a_missing_key_is_named(changed_copy: Copy) -> None:
    path = changed_copy("terms.yaml", "\nrefusals:", "\nfeelings_like:")
    with pytest.raises(InputError, match=r"terms\.yaml: (refusals: is missing|feelings_like: is unknown)"):
        read_yaml(path, TermFile)


def test_an_unknown_key_within_a_group_is_named_with_its_place(changed_copy: Copy) -> None:
    path = changed_copy("assertions.yaml", "\n  backward:", "\n  backwards: []\n  backward:")
    with pytest.raises(InputError, match=r"assertions\.yaml: negation\.backwards: is unknown; use one of "):
        read_yaml(path, AssertionFile)


def test_an_unknown_part_is_refused_with_the_parts_there_are(changed_copy: Copy) -> None:
    path = changed_copy("actions.yaml", "frames: {nostril:", "frames: {nostrils:")
    with pytest.raises(InputError) as error:
        read_yaml(path, ActionFile)
    assert str(error.value).startswith(
        f"{path}: actions.nostril_flare.frames: part 'nostrils' is unknown; use one of brow, inner_brow, "
    )


def test_an_unknown_motion_is_refused_with_the_motions_there_are(changed_copy: Copy) -> None:
    path = changed_copy("actions.yaml", "frames: {cheek: [puff]}", "frames: {cheek: [puf]}")
    with pytest.raises(InputError) as error:
        read_yaml(path, ActionFile)
    assert str(error.value).startswith(
        f"{path}: actions.cheek_puff.frames.cheek: motion 'puf' is unknown; use one of raise, up, "
    )


def test_an_unknown_action_in_overrides_is_refused(changed_copy: Copy) -> None:
    path = changed_copy("actions.yaml", "head_tilt: [head_down,", "head_tilt: [head_dwn,")
    with pytest.raises(InputError, match=r"overrides: action 'head_dwn' is unknown; use one of inner_brow_raise, "):
        read_yaml(path, ActionFile)


def test_an_unknown_region_is_refused_with_the_regions_there_are(changed_copy: Copy) -> None:
    path = changed_copy("actions.yaml", "region: cheeks", "region: cheek")
    with pytest.raises(InputError, match=r"actions\.cheek_puff\.region: Input should be 'brows', 'forehead', "):
        read_yaml(path, ActionFile)


def test_what_is_no_yaml_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "terms.yaml"
    path.write_text("a: [b\nc: d", encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_yaml(path, TermFile)
    assert str(error.value).startswith(f"{path}: not YAML: ")
    assert "\n" not in str(error.value)


_MANY = " ".join(["(a|b)"] * 14)


@pytest.mark.parametrize(
    ("phrase", "message"),
    [
        ("(a|(b|c)) d", "'(a|(b|c)) d': put alternatives in parentheses, and none inside another: "),
        ("(a|b d", "'(a|b d': put alternatives in parentheses, and none inside another: "),
        (_MANY, f"'{_MANY}' stands for 16,384 phrases; at most 10,000 are allowed: leave words out, or write "),
        ("(a|) (b|)", "a phrase may be empty; write at least one word that is not optional"),
    ],
)
def test_alternatives_that_cannot_be_told_are_refused(changed_copy: Copy, phrase: str, message: str) -> None:
    path = changed_copy("terms.yaml", "\nfeelings: [", f'\nfeelings: ["{phrase}", ')
    with pytest.raises(InputError) as error:
        read_yaml(path, TermFile)
    assert f"feelings: {message}" in str(error.value)


def test_alternatives_in_parentheses_are_so_many_phrases() -> None:
    assert expand_alternatives(["(is|are) not (clearly|) seen", "|", "(x)", "no"]) == [
        "is not clearly seen", "is not seen", "are not clearly seen", "are not seen", "|", "(x)", "no",
    ]  # fmt: skip


def test_bare_words_that_yaml_takes_for_booleans_stay_words() -> None:
    assert "no" in load_lexicon().assertions.negation.forward


def test_rows_of_terms_are_read_in_order(tmp_path: Path) -> None:
    path = write_terms(tmp_path, "glad,adj,Happy,,,gladder|gladdest", "keen,adj,Other,0.3,state,")
    terms = list(_read_terms(path))
    assert [(entry.term, entry.category, entry.valence, entry.context, entry.forms) for entry in terms] == [
        ("glad", "Happy", None, "", ["gladder", "gladdest"]),
        ("keen", "Other", 0.3, "state", []),
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            "glee,noun,Joy,,,",
            "category: category 'Joy' is unknown; use one of Anger, Disgust, Fear, Happy, Neutral, Sad, Surprise, "
            "Other",
        ),
        ("glad,noun,Happy,,,", "'glad' is on line 3 already; list a form once"),
        ("glee,noun,Happy,,,gladder", "'gladder' is on line 3 already; list a form once"),
        ("glee,noun,Happy,,,glee", "'glee' is on line 4 already; list a form once"),
        ("glee,nuon,Happy,,,", "pos: Input should be 'noun', 'adj', 'verb', 'adv' or 'phrase'"),
        ("glee,noun,Happy,1.5,,", "valence: Input should be less than or equal to 1"),
        ("glee,noun,Happy,,sometimes,", "context: Input should be '' or 'state'"),
        (",noun,Happy,,,", "term: String should have at least 1 character"),
    ],
)
def test_a_row_of_terms_that_is_not_allowed_is_refused_with_its_line(tmp_path: Path, row: str, message: str) -> None:
    path = write_terms(tmp_path, "glad,adj,Happy,,,gladder", row)
    with pytest.raises(InputError) as error:
        list(_read_terms(path))
    assert str(error.value) == f"{path}:4: {message}"


@pytest.mark.parametrize("language", ["xx", "../en", "", "en/.."])
def test_a_language_without_a_lexicon_is_refused_with_those_there_are(language: str) -> None:
    with pytest.raises(InputError) as error:
        load_lexicon(language)
    assert str(error.value).startswith(f"no lexicon for language {language!r}; use one of en")


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("transparent", ["face", "ear"], "transparent: part 'ear' is unknown; use one of "),
        ("adjacent_only", {"ear": ["at"]}, "adjacent_only: part 'ear' is unknown; use one of "),
        ("adjacent_only", {"look": ["wiggle"]}, "adjacent_only.look: motion 'wiggle' is unknown; use one of "),
    ],
)
def test_what_is_said_of_parts_and_motions_names_known_ones(key: str, value: object, problem: str) -> None:
    content = load_lexicon().actions.model_dump()
    with pytest.raises(ValidationError, match=problem):
        ActionFile.model_validate({**content, key: value})


def test_a_word_belongs_to_a_class_by_its_ending_and_length_whether_it_is_listed_or_not() -> None:
    adverbs = load_lexicon().forms.adverbs
    assert adverbs.has("warily")
    assert adverbs.has("only")
    assert adverbs.has_listed("warily")
    assert not adverbs.has_listed("only")
    assert not adverbs.has("wary")


def test_every_category_has_a_few_names_to_compare_terms_with() -> None:
    anchors = load_lexicon().anchors
    assert set(anchors.values()) == set(load_families())
    assert len(anchors) < 100


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("Neutral: [neutral,", "Calm: [neutral,", "family 'Calm' is unknown; use one of Anger, Disgust, "),
        (
            "Neutral: [neutral, calm, composed, relaxed, impassive, expressionless, indifferent, unemotional]\n",
            "",
            "Neutral has no name; give each of Anger, Disgust, ",
        ),
        ("[fear, afraid,", "[fear, rage,", "'rage' is listed twice; list a name once"),
    ],
)
def test_names_of_categories_are_checked(changed_copy: Copy, old: str, new: str, problem: str) -> None:
    path = changed_copy("anchors.yaml", old, new)
    with pytest.raises(InputError) as caught:
        read_yaml(path, AnchorFile)
    assert problem in str(caught.value)
    assert str(path) in str(caught.value)
