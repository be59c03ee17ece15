import os
from hashlib import sha256
from pathlib import Path

import pytest

from benchmarks.emotions import Emotion
from descan.collect.questions.prompts import Prompt, load_prompts
from descan.errors import InputError
from descan.lexicon import load_category_set
from descan.records import Mode

BASIC7 = load_category_set()


def packaged(mode: Mode, *, with_crop: bool = False) -> Prompt:
    return load_prompts([mode], {}, BASIC7, with_crop=with_crop)[mode]


def override(mode: Mode, path: Path) -> Prompt:
    return load_prompts([mode], {mode: path}, BASIC7)[mode]


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("with_crop", [True, False])
def test_every_mode_has_a_prompt_with_its_version_and_the_hash_of_its_text(mode: Mode, with_crop: bool) -> None:
    prompt = packaged(mode, with_crop=with_crop)
    assert prompt.source == f"{mode}.v1" + " with_crop.v1" * with_crop
    assert prompt.sha256 == sha256(prompt.text.encode()).hexdigest()
    assert len(prompt.stages) == (2 if mode is Mode.TWO_STAGE else 1)
    assert all(stage == stage.strip() != "" for stage in prompt.stages)


@pytest.mark.parametrize(
    ("mode", "stage", "names"),
    [
        (Mode.DESCRIBE, 0, []),
        (Mode.CLASSIFY, 0, list(Emotion)),
        (Mode.CLASSIFY6, 0, [name for name in Emotion if name != Emotion.NEUTRAL]),
        (Mode.TWO_STAGE, 1, [name for name in Emotion if name != Emotion.NEUTRAL]),
    ],
)
def test_a_prompt_names_the_categories_that_may_be_chosen_and_no_others(
    mode: Mode, stage: int, names: list[str]
) -> None:
    text = packaged(mode).stages[stage]
    assert [name for name in Emotion if name in text] == names
    assert not names or ", ".join(names) in text


def test_a_describing_prompt_names_no_feature_of_a_face() -> None:
    words = set(packaged(Mode.DESCRIBE).text.casefold().replace(",", " ").replace(".", " ").split())
    assert not words & {"mouth", "eyes", "eye", "brow", "brows", "eyebrows", "lips", "smile", "emotion", "mood"}


@pytest.mark.parametrize("mode", Mode)
def test_a_crop_is_announced_before_each_stage(mode: Mode) -> None:
    whole, cropped = packaged(mode), packaged(mode, with_crop=True)
    for plain, announced in zip(whole.stages, cropped.stages, strict=True):
        assert announced.startswith("You get two pictures: ")
        assert announced.endswith(f"\n\n{plain}")
    assert whole.sha256 != cropped.sha256


def test_a_file_replaces_a_prompt_as_it_is_but_for_blank_ends(tmp_path: Path) -> None:
    path = tmp_path / "mine.md"
    path.write_bytes("\ufeff\r\n Wie schaut\r\n---\r\nsie? \r\n\r\n".encode())
    prompt = override(Mode.DESCRIBE, path)
    assert prompt.stages == ("Wie schaut\n---\nsie?",)
    assert prompt.source == str(path)
    path.write_text("First?\n\n---  \nSecond?")
    assert override(Mode.TWO_STAGE, path).stages == ("First?", "Second?")


@pytest.mark.parametrize(
    ("mode", "data", "problem"),
    [
        (Mode.DESCRIBE, b" \n", "holds a blank prompt for mode 'describe'; write what to ask"),
        (Mode.TWO_STAGE, b"a\n---\n", "holds a blank prompt for mode 'two_stage'; write what to ask"),
        (Mode.TWO_STAGE, b"a", "1 texts; mode two_stage takes two, with a line --- between them"),
        (Mode.TWO_STAGE, b"a\n---\nb\n---\nc", "3 texts; mode two_stage takes two, with a line --- between them"),
        (Mode.DESCRIBE, b"\xff", "not UTF-8; UTF-8 is expected"),
        (Mode.DESCRIBE, b"a\0b", "holds a NUL character; use plain text"),
        (Mode.DESCRIBE, b"a" * 100_001, "is longer than 100000 bytes; name a file with the prompt"),
        (Mode.DESCRIBE, "é".encode() * 60_000, "is longer than 100000 bytes; name a file with the prompt"),
        (
            Mode.DESCRIBE,
            None,
            "cannot be read: it is not there; check the path, and that nothing removes it while descan runs",
        ),
    ],
)
def test_a_file_that_is_no_prompt_is_an_error(tmp_path: Path, mode: Mode, data: bytes | None, problem: str) -> None:
    path = tmp_path / "mine.md"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(InputError) as error:
        override(mode, path)
    assert str(error.value) == f"{path}: {problem}"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "mine.md")
    with pytest.raises(InputError, match="is not a regular file but a pipe or device"):
        override(Mode.DESCRIBE, tmp_path / "mine.md")


def test_a_prompt_for_a_mode_that_is_not_asked_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^a prompt is given for mode classify, which is not asked; add"):
        load_prompts([Mode.DESCRIBE], {Mode.CLASSIFY: tmp_path / "x.md"}, BASIC7)


def test_packaged_prompts_list_the_names_of_the_set() -> None:
    eight = load_prompts(Mode, {}, load_category_set("basic8"))
    names = "Anger, Contempt, Disgust, Fear, Happy, Neutral, Sad, Surprise"
    assert names in eight[Mode.CLASSIFY].text
    assert names.replace(" Neutral,", "") in eight[Mode.CLASSIFY6].text
    assert names.replace(" Neutral,", "") in eight[Mode.TWO_STAGE].stages[1]
    assert eight[Mode.DESCRIBE] == load_prompts([Mode.DESCRIBE], {}, BASIC7)[Mode.DESCRIBE]
    assert "{" not in "".join(prompt.text for prompt in eight.values())


@pytest.mark.parametrize("mode", [Mode.CLASSIFY6, Mode.TWO_STAGE])
def test_modes_that_set_neutral_apart_need_one(mode: Mode) -> None:
    without = load_category_set(Path("docs/category_sets/emotions6.toml"), Path(__file__).parents[2])
    assert "Joy, Sadness, Anger" in load_prompts([Mode.CLASSIFY], {}, without)[Mode.CLASSIFY].text
    with pytest.raises(InputError) as error:
        load_prompts([mode], {}, without)
    problem = f"mode {mode} sets a neutral category apart, and category set emotions6 has none"
    assert str(error.value) == f"{problem}; ask with mode classify"


def test_prompts_and_the_names_in_them_are_in_the_language_of_the_run_where_there_are_any() -> None:
    prompts = load_prompts(Mode, {}, BASIC7, with_crop=True, language="Japanese")
    assert prompts[Mode.CLASSIFY].source == "ja/classify.v1 with_crop.v1"
    assert "怒り, 嫌悪, 恐怖, 喜び, 中立, 悲しみ, 驚き" in prompts[Mode.CLASSIFY].text
    assert "中立, " not in prompts[Mode.CLASSIFY6].text
    assert len(prompts[Mode.TWO_STAGE].stages) == 2
    chinese = load_prompts(Mode, {}, BASIC7, with_crop=True, language="zh")
    assert chinese[Mode.DESCRIBE].source == "zh/describe.v1 with_crop.v1"
    assert "愤怒, 厌恶, 恐惧, 高兴, 中性, 悲伤, 惊讶" in chinese[Mode.CLASSIFY].text
    assert load_prompts(Mode, {}, BASIC7, language="ko") == load_prompts(Mode, {}, BASIC7)
