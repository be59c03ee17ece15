"""The language of a text: by script, by words, and never a wrong one for English."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from descan.errors import InputError
from descan.lexicon import (
    UNDETERMINED,
    load_language_finder,
    load_lexicon,
    name_language,
    parse_language,
    readable_languages,
)
from descan.lexicon.language_finder import LanguageFinder
from descan.lexicon.languages import load_languages
from tests.prerequisites import require_path

CASES = [
    (language, text)
    for language, texts in yaml.safe_load(
        (Path(__file__).parent / "language_cases.yaml").read_text(encoding="utf-8")
    ).items()
    for text in texts
]


@pytest.fixture(scope="module")
def finder() -> LanguageFinder:
    return load_language_finder()


@pytest.mark.parametrize(("language", "text"), CASES)
def test_a_description_of_a_few_words_or_many_tells_the_language_of_most_letters(
    finder: LanguageFinder, language: str, text: str
) -> None:
    assert finder.find(text) == language


@pytest.mark.parametrize(
    "text", ["", "😊", "AU12+6", "12345", "Wut", "ang", "Yuki, Haruto & Sakura", "asdf qwer zxcv yuio"]
)
def test_a_text_that_is_too_short_or_no_language_does_not_tell_one(finder: LanguageFinder, text: str) -> None:
    assert finder.find(text) == UNDETERMINED


def test_no_english_text_is_taken_for_another_language(finder: LanguageFinder, shared: Path) -> None:
    texts = []
    for name in ("corpora/styles/texts.jsonl", "gold/dev.jsonl", "gold/dev2.jsonl", "corpora/afew-qwen/answers.jsonl"):
        with require_path(shared / name).open(encoding="utf-8") as lines:
            rows = map(json.loads, lines)
            texts += [row["text"] for row in rows if row.get("mode", "describe") == "describe"]
    assert len(texts) > 3_600
    assert [text for text in texts if finder.find(text) != "en"] == []


def test_every_chinese_text_and_every_translation_is_told(finder: LanguageFinder, shared: Path) -> None:
    with require_path(shared / "corpora/emer-pairs/pairs.jsonl").open(encoding="utf-8") as lines:
        pairs = list(map(json.loads, lines))
    assert len(pairs) > 160
    assert {finder.find(pair["zh"]) for pair in pairs} == {"zh"}
    assert {finder.find(pair["en"]) for pair in pairs} == {"en"}


def test_english_descriptions_do_without_the_statistical_model() -> None:
    script = (
        "import sys; from descan.lexicon import load_language_finder; find = load_language_finder().find; "
        "print(find('She looks down and smiles.'), find('眉をひそめている。'), 'py3langid' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "en ja False\n"


@pytest.mark.parametrize("text", ["en", "EN", "en-US", "en_GB", " English ", "ENGLISH"])
def test_a_language_is_given_as_a_code_or_by_its_name(text: str) -> None:
    assert parse_language(text) == "en"


@pytest.mark.parametrize(
    ("text", "code"),
    [("Deutsch", "de"), ("中文", "zh"), ("zh-Hans-CN", "zh"), ("Mandarin", "zh"), ("Farsi", "fa"), ("und", "und")],
)
def test_regions_scripts_and_other_names_are_known(text: str, code: str) -> None:
    assert parse_language(text) == code


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"^language 'Klingon' is unknown; use an ISO 639-1 code such as en, de or ja$"
    ):
        parse_language("Klingon")


def test_the_list_has_every_language_once_and_the_languages_of_every_script() -> None:
    languages = load_languages()
    names = [name for names in languages.names.values() for name in names]
    assert len(languages.names) == 183
    assert len(set(names)) == len(names)
    for script in languages.scripts.values():
        assert {*script.languages} <= languages.names.keys()
        assert script.among in {"", *languages.scripts}
    blocks = sorted(block for script in languages.scripts.values() for block in script.ranges())
    assert all(last < first for (_, last), (first, _) in pairwise(blocks))


def test_a_language_is_readable_if_it_has_a_lexicon_and_all_have_names() -> None:
    assert "en" in readable_languages()
    for language in readable_languages():
        assert load_lexicon(language).language == language
        assert name_language(language) != language
    assert name_language("ja") == "Japanese"
