"""Prompts: what a model is asked in each mode."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from descan.errors import InputError, quoted
from descan.records import Mode

_FILES: Mapping[Mode, str] = {mode: f"{mode}.v1.md" for mode in Mode}
_CROP_FILE = "with_crop.v1.md"
_SEPARATOR = re.compile(r"^---[ \t]*$", re.MULTILINE)
_MAX_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked in one mode.

    Attributes:
        mode: The mode.
        stages: The texts as they are sent: one, or two of mode `two_stage`.
        sha256: Of `text`, in hexadecimal.
        source: The packaged prompt's name with its version (`describe.v1`), or the user's file.
    """

    mode: Mode
    stages: tuple[str, ...]
    sha256: str
    source: str

    @property
    def text(self) -> str:
        """All stages, with a line `---` between them."""
        return "\n\n---\n\n".join(self.stages)


def load_prompts(
    modes: Iterable[Mode], overrides: Mapping[Mode, Path], *, with_crop: bool = False
) -> dict[Mode, Prompt]:
    """Give the prompt of each mode.

    Args:
        modes: The modes that are asked.
        overrides: Files that replace packaged prompts: UTF-8 text that is sent as it is, but for blank lines at its
            ends; of `two_stage` two texts with a line `---` between them.
        with_crop: Say first that a picture of the face follows the whole one; an override is left as it is.

    Raises:
        InputError: If a file is given for a mode that is not asked, or is not such a text.
    """
    modes = list(modes)
    for mode in overrides:
        if mode not in modes:
            raise InputError(None, f"a prompt is given for mode {mode}, which is not asked; add --mode {mode}")
    return {
        mode: _read_prompt(mode, overrides[mode]) if mode in overrides else _packaged_prompt(mode, with_crop)
        for mode in modes
    }


def _packaged_prompt(mode: Mode, with_crop: bool) -> Prompt:
    folder = files("descan.collect.questions") / "prompts"
    stages = _stages((folder / _FILES[mode]).read_text(encoding="utf-8"))
    source = _FILES[mode].removesuffix(".md")
    if with_crop:
        preface = (folder / _CROP_FILE).read_text(encoding="utf-8").strip()
        stages = tuple(f"{preface}\n\n{stage}" for stage in stages)
        source = f"{source} {_CROP_FILE.removesuffix('.md')}"
    return _prompt(mode, stages, source)


def _read_prompt(mode: Mode, path: Path) -> Prompt:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}; name a file with the prompt") from error
    if len(data) > _MAX_BYTES:
        raise InputError(path, f"is longer than {_MAX_BYTES} bytes; name a file with the prompt")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(path, "not UTF-8; UTF-8 is expected") from error
    if "\0" in text:
        raise InputError(path, "holds a NUL character; use plain text")
    stages = _stages(text) if mode is Mode.TWO_STAGE else (_plain(text),)
    n_wanted = 2 if mode is Mode.TWO_STAGE else 1
    if not all(stages):
        raise InputError(path, f"holds a blank prompt for mode {quoted(str(mode))}; write what to ask")
    if len(stages) != n_wanted:
        raise InputError(path, f"{len(stages)} texts; mode two_stage takes two, with a line --- between them")
    return _prompt(mode, stages, str(path))


def _prompt(mode: Mode, stages: tuple[str, ...], source: str) -> Prompt:
    prompt = Prompt(mode, stages, "", source)
    return Prompt(mode, stages, sha256(prompt.text.encode()).hexdigest(), source)


def _stages(text: str) -> tuple[str, ...]:
    return tuple(_plain(stage) for stage in _SEPARATOR.split(text.replace("\r\n", "\n")))


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
