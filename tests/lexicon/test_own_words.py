"""A project's own words: what a folder of them changes, and what is said of one that is not allowed."""

import pickle
from pathlib import Path
from typing import Any

import pytest
import yaml

from descan.analysis.own_words import project_problems
from descan.categorize.evidence import action_evidence
from descan.categorize.labels.parser import LabelParser
from descan.corpus import CategoryNames
from descan.corpus.spellings import project_words
from descan.errors import InputError
from descan.extract import extract
from descan.lexicon import (
    ProjectLexicon,
    find_word,
    load_category_set,
    load_lexicon,
    read_project_lexicon,
    unknown_words,
)
from descan.records import Label

CASES = Path(__file__).with_name("own_words_problems.yaml")
INSTALLED = load_lexicon("en")


def write(folder: Path, **files: str) -> Path:
    """Write files; `emotions_csv` names `emotions.csv`, too."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        stem, _, suffix = name.rpartition("." if "." in name else "_")
        (folder / f"{stem}.{suffix}").write_text(content, encoding="utf-8")
    return folder


def project(tmp_path: Path, **files: str) -> ProjectLexicon:
    return read_project_lexicon(write(tmp_path / "words", **files))


def problems(tmp_path: Path, **files: str) -> list[str]:
    try:
        found = project_problems(project(tmp_path, **files))
    except InputError as error:
        found = [error]
    return [str(problem).replace(f"{tmp_path}/", "").replace("words/", "", 1) for problem in found]


def test_a_row_adds_a_term_and_a_row_for_an_installed_term_changes_what_it_gives(tmp_path: Path) -> None:
    own = project(
        tmp_path, emotions_csv="term,pos,category,valence,forms\nzorbed,adj,Sad,-0.4,zorbs\nlivid,,Fear,,Livids\n"
    )
    terms = load_lexicon("en", own).terms
    assert (terms["zorbed"].category, terms["zorbed"].valence, terms["zorbed"].forms) == ("Sad", -0.4, ["zorbs"])
    livid = INSTALLED.terms["livid"]
    assert livid.category == "Anger"
    assert terms["livid"] == livid.model_copy(update={"category": "Fear", "forms": [*livid.forms, "livids"]})
    assert {term: entry for term, entry in terms.items() if term not in ("zorbed", "livid")} == {
        term: entry for term, entry in INSTALLED.terms.items() if term != "livid"
    }


def test_a_form_is_taken_from_the_term_that_has_it(tmp_path: Path) -> None:
    form = INSTALLED.terms["fear"].forms[0]
    own = project(tmp_path, emotions_csv=f"term,pos,category,forms\nzorbed,adj,Sad,{form}\n")
    terms = load_lexicon("en", own).terms
    assert form in terms["zorbed"].forms
    assert terms["fear"].forms == INSTALLED.terms["fear"].forms[1:]


def test_removed_terms_are_gone_with_their_forms_and_a_form_of_theirs_is_free(tmp_path: Path) -> None:
    own = project(
        tmp_path,
        remove_yaml="emotions: [cross, moody]\n",
        emotions_csv="term,pos,category,forms\nzorbed,adj,Sad,cross\n",
    )
    terms = load_lexicon("en", own).terms
    assert "moody" not in terms
    assert [term for term, entry in terms.items() if "cross" in (term, *entry.forms)] == ["zorbed"]


def test_texts_are_read_with_what_is_added_and_without_what_is_removed(tmp_path: Path) -> None:
    own = project(
        tmp_path,
        emotions_csv="term,pos,category\nzorbed,adj,Sad\n",
        actions_yaml="""
motions: {pooch: [pooched]}
actions:
  lips_pucker: {frames: {lip: [pooch]}}
  nose_zorb: {region: nose, aus: "11", words: ["zorbing (|of the )nose"]}
  ear_move: {region: head, aus: "", words: [ears wiggle]}
""",
        assertions_yaml="hedge: {forward: [zorbably]}\n",
        remove_yaml="""
emotions: [moody]
actions: {actions: [smirk], motions: [furrow]}
assertions: {hedge: {forward: [seems]}}
""",
    )

    def found(text: str) -> list[tuple[str, str, str, bool]]:
        mentions = extract(text, "en", own).mentions
        return [(mention.action or mention.term, mention.aus, mention.region, mention.hedged) for mention in mentions]

    assert found("Her lips are pooched, with a zorbing of the nose; her ears wiggle.") == [
        ("lips_pucker", "18", "mouth", False),
        ("nose_zorb", "11", "nose", False),
        ("ear_move", "", "head", False),
    ]
    smile = ("smile", "12", "mouth", False)
    assert found("A smirk, AU14, furrowed brows and a smile.") == [smile]
    assert found("Zorbably a smile. It seems she smiles. She is zorbed.") == [
        *((*smile[:3], True), smile, ("zorbed", "", "", False))
    ]


def test_an_action_of_its_own_speaks_for_the_categories_that_the_project_says(tmp_path: Path) -> None:
    own = project(
        tmp_path,
        actions_yaml="""
actions:
  nose_zorb: {region: nose, aus: "11", words: [zorbing nose]}
  ear_move: {region: head, aus: "", words: [ears wiggle]}
""",
        action_units_yaml="actions: {nose_zorb: {Disgust: 0.6}}\n",
    )
    evidence = action_evidence(load_lexicon("en", own), categories := load_category_set())
    assert evidence["nose_zorb"][categories.names.index("Disgust")] == 0.6
    assert evidence["ear_move"].sum() == 0
    before = action_evidence(INSTALLED, categories)
    assert all((evidence[action] == before[action]).all() for action in before)


def test_what_refers_to_a_removed_action_goes_with_it(tmp_path: Path) -> None:
    own = project(tmp_path, remove_yaml="actions: {actions: [smirk], motions: [furrow]}\n")
    lexicon = load_lexicon("en", own)
    assert project_problems(own) == []
    assert "smirk" not in str(lexicon.actions.overrides)
    assert not any("furrow" in moved for entry in lexicon.actions.actions.values() for moved in entry.frames.values())
    assert 14 in lexicon.facs.others
    assert "smirk" not in action_evidence(lexicon, load_category_set())


def test_one_alternative_of_an_installed_phrase_can_be_removed(tmp_path: Path) -> None:
    own = project(tmp_path, remove_yaml='actions:\n  ignore: ["tongue (show|out)"]\n')
    assert set(INSTALLED.actions.ignore) - set(load_lexicon("en", own).actions.ignore) == {"tongue show", "tongue out"}


def test_words_of_labels_are_added_in_their_places(tmp_path: Path) -> None:
    own = project(
        tmp_path,
        labels_yaml="leads: [zorb]\nlevels: [[zip], [], [], [], [], [], []]\n",
        category_words_yaml="en: {Sad: [zorbed]}\ncodes: {Anger: [Q7]}\n",
    )
    basic = load_category_set()
    words = project_words(own, basic)
    assert words == {"zorbed": "Sad", "Q7": "Anger"}
    parser = LabelParser(words, "en", basic, own)
    for text, label in (("Sad maybe; zorb: Fear", "Fear"), ("Fear: zip, Sad: high", "Sad")):
        assert (parser.parse(text), LabelParser({}).parse(text)) == (Label(label), Label(None, "ambiguous"))
    assert parser.parse("zorbed") == Label("Sad")
    assert CategoryNames(basic, words).find("q7") == "Anger"


def test_files_of_a_language_may_lie_in_its_folder_and_the_digest_is_the_same(tmp_path: Path) -> None:
    content = "term,pos,category\nzorbed,adj,Sad\n"
    beside = project(tmp_path, emotions_csv=content)
    (tmp_path / "b").mkdir()
    write(tmp_path / "b" / "en", emotions_csv=content)
    (tmp_path / "b" / "README.md").write_text("notes")
    within = read_project_lexicon(tmp_path / "b")
    assert within.digest == beside.digest
    assert load_lexicon("en", within).terms == load_lexicon("en", beside).terms
    assert pickle.loads(pickle.dumps(within)) == within
    assert load_lexicon("en", within).digest not in (INSTALLED.digest, within.digest)
    other = project(tmp_path, emotions_csv=content.replace("Sad", "Fear"))
    assert load_lexicon("en", other).digest != load_lexicon("en", within).digest


def test_the_installed_lexicon_is_as_it_was(tmp_path: Path) -> None:
    own = project(
        tmp_path, remove_yaml="emotions: [livid]\nactions: {parts: [lip]}\n", terms_yaml="ignore: [zorb zorb]\n"
    )
    changed = load_lexicon("en", own)
    assert ("livid" in changed.terms, "lip" in changed.actions.parts) == (False, False)
    again = load_lexicon("en")
    assert ("livid" in again.terms, "lip" in again.actions.parts) == (True, True)
    assert "zorb zorb" not in again.term_rules.ignore
    assert again.digest == INSTALLED.digest


@pytest.mark.parametrize(
    "case", yaml.safe_load(CASES.read_text(encoding="utf-8")), ids=lambda case: str(case["problems"])
)
def test_what_is_not_allowed_is_told_with_file_and_line(tmp_path: Path, case: dict[str, Any]) -> None:
    found = problems(tmp_path, **case["files"])
    assert len(found) == len(case["problems"]), found
    for problem, beginning in zip(found, case["problems"], strict=True):
        assert problem.startswith(beginning), found
        assert "\n" not in problem


def test_a_file_that_is_too_long_is_refused(tmp_path: Path) -> None:
    expected = "emotions.csv: has 5,000,001 bytes; use at most 5,000,000"
    assert problems(tmp_path, **{"emotions.csv": "x" * 5_000_001}) == [expected]


def test_every_problem_of_every_file_is_told(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        emotions_csv="term,pos,category\na1,adj,X\nb1,adj,Y\n",
        actions_yaml="parts: {lip: 1}\nmotions: {raise: 2}\n",
        assertions_yaml="stopp: []\n",
        remove_yaml="emotions: [livd]\n",
    )
    assert [problem.partition(": ")[0] for problem in found] == [
        *("actions.yaml:1", "actions.yaml:2", "assertions.yaml:1", "emotions.csv:2", "emotions.csv:3", "remove.yaml:1")
    ]


def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (file := tmp_path / "words").write_text("a")
    (tmp_path / "lang" / "xx").mkdir(parents=True)
    (latin := tmp_path / "latin").mkdir()
    (latin / "emotions.csv").write_bytes("term,category\nsad,Sad\ncafé,Sad\n".encode("latin-1"))
    twice = write(tmp_path / "twice", emotions_csv="term\n")
    write(twice / "en", emotions_csv="term\n")
    for folder, problem in (
        (tmp_path / "nix", "nix: does not exist; use the folder of a lexicon"),
        (file, "words: is a file; use the folder of a lexicon"),
        (tmp_path / "lang", "xx: is no folder of a language that descan reads; use en"),
        (latin, "emotions.csv:3: is not UTF-8 at byte 25"),
        (twice, "is there twice"),
    ):
        with pytest.raises(InputError) as caught:
            read_project_lexicon(folder)
        assert problem in str(caught.value)
    with pytest.raises(InputError, match=r"emotions\.csv: is for de, which descan does not read; put it in a folder "):
        read_project_lexicon(twice, "de")


def test_an_entry_is_shown_with_its_file_its_line_and_what_a_project_changes(tmp_path: Path) -> None:
    own = project(
        tmp_path,
        emotions_csv="term,pos,category\nlivid,,Fear\n",
        actions_yaml="actions:\n  smile:\n    words: [zorb grin]\n",
        remove_yaml="emotions: [moody]\nactions: {actions: [smirk]}\n",
    )
    folder = tmp_path / "words"
    [installed] = find_word("LIVID", "en")[0]
    assert (installed.place, installed.meaning, installed.change) == ("term", "adj, Anger, valence -1.0", "")
    lines = (Path(__file__).parents[2] / installed.file).read_text(encoding="utf-8").splitlines()
    assert lines[installed.line - 1].startswith("livid,")
    changed, added = find_word("livid", "en", own)[0]
    assert (changed.change, changed.is_own) == (f"changed by {folder / 'emotions.csv'}:2", False)
    assert (added.file, added.line, added.meaning, added.is_own) == (
        *(str(folder / "emotions.csv"), 2, "adj, Fear, valence -1.0", True),
    )
    [removed] = find_word("moody", "en", own)[0]
    assert removed.change == f"removed by {folder / 'remove.yaml'}:1"
    [grin] = find_word("zorb grin", "en", own)[0]
    assert (grin.place, grin.meaning, grin.line) == ("actions.smile.words", "smile (AU 12)", 3)
    gone = {entry.place for entry in find_word("smirk", "en", own)[0] if entry.change}
    assert gone == {"actions", "actions.smirk.words", "units.14"}
    [cue], _ = find_word("tongue out", "en")
    assert (cue.phrase, cue.place) == ("tongue (show|out|bulge)", "ignore")
    assert find_word("zorbly", "en") == ([], [])


def test_words_that_the_lexicon_lacks_are_told_in_order(tmp_path: Path) -> None:
    text = "She is zorbly, isn't she? Nose-wrinkling and ZURBED."
    assert unknown_words(text, INSTALLED) == ("zorbly", "zurbed")
    own = project(tmp_path, emotions_csv="term,pos,category\nzorbly,adv,Sad\n")
    assert unknown_words(text, load_lexicon("en", own)) == ("zurbed",)
