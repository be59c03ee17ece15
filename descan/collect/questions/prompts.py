"""Prompts: what a model is asked in each mode."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from descan.collect.providers.decisions import ActionQuestion, Questions
from descan.collect.sources.media_loading import TEXT_MARK
from descan.collect.store.existing_answers import label_prompt
from descan.corpus.folder_writing import hash_prompt
from descan.emotions import CategorySet, spell_number
from descan.errors import InputError, quote
from descan.lexicon import action_keys, load_category_words, load_lexicon, parse_language
from descan.records import DEFAULT_LANGUAGE, Mode
from descan.storage.paths import check_regular, open_file

_CROP = "with_crop.v1"
_JUDGE = "judge.v1"
_ALL_NAMES = "{categories}"
_OTHER_NAMES = "{categories but neutral}"
_BETWEEN = "\n\n---\n\n"
_SEPARATOR = re.compile(r"^---[ \t]*$", re.MULTILINE)
_MAX_BYTES = 100_000
_N_PARTS = {Mode.TWO_STAGE: 2, Mode.DECIDE: 5}
"""Of a prompt's file, with a line `---` between them; other modes have one."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked in one mode.

    Attributes:
        mode: The mode.
        stages: The texts as they are sent: one, or two for mode `two_stage`.
        source: The packaged prompt's name with its version (`describe.v1`), or the user's file.
        neutral: The category that a first stage asks for.
        name: What tells it from other prompts of its mode; empty if it has none.
        questions: What mode `decide` asks; its one text is made into a request by the way in which a model is asked.
    """

    mode: Mode
    stages: tuple[str, ...]
    source: str
    neutral: str | None = None
    name: str = ""
    questions: Questions | None = None

    @property
    def label(self) -> str:
        """What tells it from the other prompts of a run: the mode, and its name if it has one."""
        return label_prompt(self.mode, self.name)

    @property
    def text(self) -> str:
        """All stages, with a line `---` between them."""
        return _BETWEEN.join(self.stages)

    @property
    def sha256(self) -> str:
        """The hash by which a corpus knows it."""
        return hash_prompt(self.text)


def load_prompts(
    modes: Iterable[Mode],
    overrides: Mapping[str, Path],
    categories: CategorySet,
    *,
    with_crop: bool = False,
    language: str = "",
) -> dict[str, Prompt]:
    """Load the prompts of each mode.

    Args:
        modes: The modes that are asked.
        overrides: By mode, or by mode and name as in `describe:short`: files that replace the packaged prompt of the
            mode. Each is UTF-8 text that is sent as it is, without blank lines at its ends; for `two_stage` two texts
            with a line `---` between them, for `decide` five as in the packaged one.
        categories: The set whose names the packaged prompts list.
        with_crop: Begin with a sentence that says that a picture of the face follows; overrides stay as they are.
        language: Of the packaged prompts and of the names that they list, as a code or name; in English where there
            are none in it.

    Returns:
        By label, in the order of the modes and of the files.

    Raises:
        InputError: If a file is given for a mode that is not asked, or does not contain such a text, or two contain
            the same, or a mode needs a neutral category that the set does not have.
    """
    modes = list(modes)
    for mode in modes:
        if mode in (Mode.CLASSIFY6, Mode.TWO_STAGE) and categories.neutral is None:
            problem = f"mode {mode} sets a neutral category apart, and category set {categories.name} has none"
            raise InputError(None, f"{problem}; ask with mode {Mode.CLASSIFY}")
    for label in overrides:
        if (name := label.partition(":")[0]) not in modes:
            raise InputError(None, f"a prompt is given for mode {name}, which is not asked; add --mode {name}")
    spoken = parse_language(language) if language else ""
    prompts: dict[str, Prompt] = {}
    for mode in modes:
        given = [label for label in overrides if label.partition(":")[0] == mode]
        found = [_load_override(mode, label.partition(":")[2], overrides[label], categories) for label in given]
        for prompt in found or [_load_packaged(mode, categories, with_crop, spoken)]:
            same = next((other for other in prompts.values() if (other.mode, other.text) == (mode, prompt.text)), None)
            if same is not None:
                raise InputError(prompt.source, f"has the same text as the prompt {same.label}; name one of them")
            prompts[prompt.label] = prompt
    return prompts


def load_judge_prompt(override: Path | None, categories: CategorySet) -> dict[str, Prompt]:
    """Load the prompt that asks for the category of a text.

    Args:
        override: A file that replaces the packaged prompt, with `{description}` where the text goes.
        categories: The set whose names the packaged prompt lists.

    Returns:
        By label, as `load_prompts` does: the answers are of mode classify.

    Raises:
        InputError: If the file does not contain such a text.
    """
    if override is None:
        text = (files("descan.collect.questions") / "prompts" / f"{_JUDGE}.md").read_text(encoding="utf-8").strip()
        prompt = Prompt(Mode.CLASSIFY, (text.replace(_ALL_NAMES, ", ".join(categories.names)),), _JUDGE)
    else:
        prompt = _load_override(Mode.CLASSIFY, "", override, categories)
        if TEXT_MARK not in prompt.text:
            raise InputError(override, f"has no {TEXT_MARK}; write it where the description goes")
    return {prompt.label: prompt}


def _load_packaged(mode: Mode, categories: CategorySet, with_crop: bool, language: str) -> Prompt:
    folder = files("descan.collect.questions") / "prompts"
    spoken: Mapping[str, Sequence[str]] = {}
    source = f"{mode}.v1"
    if language and (folder / language / f"{mode}.v1.md").is_file():
        folder, spoken = folder / language, load_category_words().get(language, {})
        source = f"{language}/{source}"
    names = {name: spoken.get(name, [name])[0] for name in categories.names}
    text = (folder / f"{mode}.v1.md").read_text(encoding="utf-8")
    text = text.replace(_ALL_NAMES, ", ".join(names.values()))
    text = text.replace(_OTHER_NAMES, ", ".join(said for name, said in names.items() if name != categories.neutral))
    stages = _split_stages(text)
    if with_crop:
        preface = (folder / f"{_CROP}.md").read_text(encoding="utf-8").strip()
        is_first = mode is Mode.DECIDE  # Whose parts are of one request.
        stages = tuple(stage if is_first and place else f"{preface}\n\n{stage}" for place, stage in enumerate(stages))
        source = f"{source} {_CROP}"
    return _make_prompt(mode, stages, source, categories)


def _load_override(mode: Mode, name: str, path: Path, categories: CategorySet) -> Prompt:
    check_regular(path)
    with open_file(path) as file:
        data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise InputError(path, f"is longer than {_MAX_BYTES} bytes; name a file with the prompt")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(path, "not UTF-8; UTF-8 is expected") from error
    if "\0" in text:
        raise InputError(path, "holds a NUL character; use plain text")
    text = text.replace("\r\n", "\n")
    n_wanted = _N_PARTS.get(mode, 1)
    stages = _split_stages(text) if n_wanted > 1 else (text.strip(),)
    if not all(stages):
        raise InputError(path, f"holds a blank prompt for mode {quote(str(mode))}; write what to ask")
    if len(stages) != n_wanted:
        wanted = spell_number(n_wanted)
        raise InputError(path, f"{len(stages)} texts; mode {mode} takes {wanted}, with a line --- between them")
    return _make_prompt(mode, stages, str(path), categories, name)


def _make_prompt(mode: Mode, parts: tuple[str, ...], source: str, categories: CategorySet, name: str = "") -> Prompt:
    if mode is not Mode.DECIDE:
        return Prompt(mode, parts, source, categories.neutral, name)
    person, category, actions, *replies = parts
    questions = Questions(person, category, categories.names, _parse_actions(actions, source), *replies)
    return Prompt(mode, (_BETWEEN.join(parts),), source, categories.neutral, name, questions)


def _parse_actions(text: str, source: str) -> tuple[ActionQuestion, ...]:
    """Parse lines such as `1+2: Are the brows raised?`, each of an action of the inventory."""
    questions: dict[str, ActionQuestion] = {}
    known = action_keys(load_lexicon(DEFAULT_LANGUAGE))
    for line in filter(None, map(str.strip, text.splitlines())):
        key, colon, question = (part.strip() for part in line.partition(":"))
        if not colon or not question or key in questions:
            problem = "is asked about twice" if key in questions else "is no question"
            raise InputError(source, f"{quote(line)} {problem}; write KEY: QUESTION, once for each action")
        if key not in known:
            raise InputError(source, f"action {quote(key)} is unknown; use one of {', '.join(known)}")
        questions[key] = ActionQuestion(key, question)
    return tuple(questions.values())


def _split_stages(text: str) -> tuple[str, ...]:
    return tuple(stage.strip() for stage in _SEPARATOR.split(text))
