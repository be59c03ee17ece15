"""The folder of a corpus, apart from its answers: made new, or checked and extended."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import tomli_w

from descan.collect.questions.prompts import Prompt
from descan.collect.sources.media_files import SUFFIXES
from descan.collect.sources.source_items import SourceItem
from descan.collect.store.item_table import extend_items
from descan.collect.store.line_files import sync_folder
from descan.corpus.corpus_toml import CorpusSettings, load_settings
from descan.errors import InputError, quoted

_OWN_FOLDERS = ("answers", "prompts", "raw")
_N_DIGITS = 6


@dataclass(frozen=True, slots=True)
class CorpusDescription:
    """What is said of a corpus; an empty text says nothing.

    Attributes:
        labels: Spelled label -> category.
    """

    name: str = ""
    language: str = ""
    source: str = ""
    licence: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FolderChange:
    """What has to be written into a corpus folder; nothing has been.

    Attributes:
        folder: The folder of the corpus.
        files: Path relative to the folder -> whole content, of the files that are new or change.
        n_added: Items that `items.csv` gets.
        n_kept: Items of the source that it has.
    """

    folder: Path
    files: Mapping[Path, bytes]
    n_added: int
    n_kept: int

    def write(self) -> None:
        """Write the files, each as a whole or not at all.

        Raises:
            InputError: If one cannot be written.
        """
        for name, content in self.files.items():
            path = self.folder / name
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                _replace(path, content)
            except OSError as error:
                raise InputError(path, f"cannot be written: {error.strerror}; use a folder that can") from error


def plan_corpus_folder(
    folder: Path, items: Sequence[SourceItem], *, description: CorpusDescription, prompts: Iterable[Prompt]
) -> FolderChange:
    """Say what makes a folder a corpus of these items and prompts, or extends the corpus that it is.

    A corpus that is there keeps what it says: blanks are filled in, items and prompts are added. A further prompt of
    a mode goes into `[prompts]` as `MODE@` with the first digits of its hash; the text of each prompt is
    in `prompts/HASH.md`.

    Args:
        folder: The folder, which need not exist.
        items: With unique ids.
        description: What is said of the corpus.
        prompts: What is asked.

    Raises:
        InputError: If the folder holds something else, or the corpus in it something that contradicts.
    """
    settings_path = folder / "corpus.toml"
    prompts = list(prompts)
    files: dict[Path, bytes] = {}
    if settings_path.exists():
        old = load_settings(settings_path)
        settings = _extended(old, description, prompts, settings_path)
    else:
        _check_new(folder)
        old = None
        settings = _extended(_blank(folder), description, prompts, settings_path)
    if settings != old:
        files[Path("corpus.toml")] = _toml(settings)
    for prompt in prompts:
        name = Path("prompts", f"{prompt.sha256}.md")
        if not (folder / name).exists():
            files[name] = prompt.text.encode()
    table = extend_items(folder / "items.csv", items, settings.labels)
    if table.is_changed:
        files[Path("items.csv")] = table.content
    return FolderChange(folder, files, table.n_added, len(items) - table.n_added)


def _check_new(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise InputError(folder, "is a file; name a folder for the corpus")
    for child in sorted(folder.iterdir()) if folder.exists() else ():
        is_folder = child.is_dir() and child.name not in _OWN_FOLDERS and not child.name.startswith(".")
        if is_folder or child.suffix.lower() in SUFFIXES:
            found = f"holds something else, {quoted(child.name)}, and no corpus.toml"
            raise InputError(folder, f"{found}; name a new or empty folder, or that of a corpus")


def _blank(folder: Path) -> CorpusSettings:
    name = os.fsencode(folder.resolve().name).decode(errors="replace")
    return CorpusSettings(name=name[:200])


def _extended(
    old: CorpusSettings, description: CorpusDescription, prompts: Iterable[Prompt], path: Path
) -> CorpusSettings:
    changes: dict[str, object] = {}
    for key in ("name", "language", "source", "licence"):
        found, given = getattr(old, key), getattr(description, key)
        if given and found not in ("", given) and path.exists():
            problem = f"key {quoted(key)} is {quoted(found)} here and given as {quoted(given)}"
            raise InputError(path, f"{problem}; leave it out, or collect into another folder")
        changes[key] = given or found
    changes["labels"] = _merged_labels(old.labels, description.labels, path)
    changes["prompts"] = _merged_prompts(old.prompts, prompts)
    return CorpusSettings.model_validate(changes)


def _merged_labels(old: Mapping[str, str], given: Mapping[str, str], path: Path) -> dict[str, str]:
    merged = dict(old)
    folded = {label.strip().casefold(): category for label, category in old.items()}
    for label, category in given.items():
        found = folded.setdefault(label.strip().casefold(), category)
        if found != category:
            problem = f"label {quoted(label)} is {found} here and given as {category}"
            raise InputError(path, f"{problem}; leave it out, or collect into another folder")
        if label.strip().casefold() not in {known.strip().casefold() for known in merged}:
            merged[label] = str(category)
    return merged


def _merged_prompts(old: Mapping[str, str], prompts: Iterable[Prompt]) -> dict[str, str]:
    merged = dict(old)
    for prompt in prompts:
        known = {text for key, text in merged.items() if key.partition("@")[0] == prompt.mode}
        if prompt.text not in known:
            key = f"{prompt.mode}@{prompt.sha256[:_N_DIGITS]}" if prompt.mode in merged else str(prompt.mode)
            merged[key] = prompt.text
    return merged


def _toml(settings: CorpusSettings) -> bytes:
    tables = {key: value for key, value in settings.model_dump(mode="json").items() if value}
    return tomli_w.dumps(tables, multiline_strings=True).encode()


def _replace(path: Path, content: bytes) -> None:
    """Put a file in place as a whole, so that whoever reads it finds the old one or the new one."""
    aside = path.with_name(f".{path.name}.partial")
    try:
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    sync_folder(path.parent)
