"""The settings of a run of `descan collect`: from a file, from options, or from both."""

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Annotated
from urllib.parse import urlsplit

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from descan.collect.providers.model_settings import ModelSettings
from descan.errors import InputError, OptionError, quote
from descan.records import Mode
from descan.storage.atomic import write_file
from descan.storage.toml_files import load_toml

RUN_FILE = "collect.toml"
"""In the corpus: the latest run, which `--resume` continues."""

_SET_SUFFIX = ".toml"
"""Of a file with a category set; another value is the name of a set."""

_PROMPT_NAME = re.compile(r"[\w.-]{1,64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

Keys = tuple[str | int, ...]


class RunSettings(BaseModel):
    """What is asked of whom, where the answers go, and within which bounds."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    source: Path
    """Class folders, a manifest, or a corpus to complete; with `texts`, an analysis."""

    out: Path
    """The corpus."""

    name: str = Field(default="", max_length=200)
    """Of the corpus; the name of its folder if empty."""

    language: str = Field(default="", max_length=35)
    """Of the prompts, as a code such as `en`."""

    origin: str = ""
    """Where the media come from; written into `corpus.toml`."""

    licence: str = ""
    models: tuple[ModelSettings, ...] = Field(min_length=1)
    modes: tuple[Mode, ...] = Field(default=(Mode.DESCRIBE, Mode.CLASSIFY), min_length=1)

    prompts: dict[str, Path] = {}
    """Files that replace the packaged prompts: of a mode, or of a mode and a name as in `describe:short`."""

    texts: bool = False
    """Whether models are asked which category each description of an analysis says, instead of about media."""

    described_models: tuple[str, ...] = ()
    """With `texts`: whose descriptions; those of all models if empty."""

    aliases: dict[str, str] = {}
    """Class name of the source -> its category."""

    leave_out: tuple[str, ...] = ()
    """Classes of the source whose items are left out."""

    categories: str = ""
    """The category set: its name or its file; that of the corpus if empty."""

    repeats: int = Field(default=1, ge=1, le=1000)

    limit: int | None = Field(default=None, ge=1)
    """Items of the sample; of each class with `per_class`."""

    per_class: bool = False
    seed: int = 0
    """Of the sample and of the order of sending."""

    crop: bool = False
    """Whether a crop of the face is sent besides the picture."""

    crop_margin: Annotated[float, Field(ge=0, le=2)] = 0.25
    """Around the face, as a share of its side."""

    group_pattern: str | None = None
    """Regular expression whose match in an item's id is its group."""

    allow_outside: bool = False
    """Whether media may lie outside the source's folder."""

    raw: bool = True
    """Whether raw bodies are stored."""

    batch: bool = False
    """Whether models are asked in batches, at a lower price."""

    max_cost: float | None = Field(default=None, gt=0)
    """US dollars that one call of descan may spend."""

    max_requests: int | None = Field(default=None, ge=1)
    """Requests that one call of descan may send; each attempt counts."""

    @property
    def margin(self) -> float | None:
        """Margin of the face crop, or None if there is none."""
        return self.crop_margin if self.crop else None

    @field_validator("prompts")
    @classmethod
    def _check_prompts(cls, prompts: dict[str, Path]) -> dict[str, Path]:
        for label in prompts:
            mode, colon, name = label.partition(":")
            if mode not in list(Mode) or bool(colon) != bool(name) or (name and not _PROMPT_NAME.fullmatch(name)):
                problem = f"{quote(label)} is not allowed; use MODE or MODE:NAME, with a mode of"
                raise ValueError(f"{problem} {', '.join(Mode)} and a name of up to 64 letters, digits, -, _ and .")
        return prompts

    @model_validator(mode="after")
    def _check_models(self) -> "RunSettings":
        labels = [model.label for model in self.models]
        for model in self.models:
            if labels.count(model.label) > 1:
                raise ValueError(f"model {quote(model.label)} occurs twice; give each a name of its own")
            if not model.label.strip() or _CONTROL.search(model.label):
                raise ValueError(f"model name {quote(model.label)} cannot be printed; use printable text")
            if model.base_url is not None:
                _check_address(model.base_url, model.label)
        if len(set(self.modes)) < len(self.modes):
            raise ValueError("a mode occurs twice; name each once")
        return self


def load_run_settings(
    path: Path | None,
    options: Mapping[str, object],
    sets: Sequence[str] = (),
    names: Mapping[str, str] = MappingProxyType({}),
) -> RunSettings:
    """Load a run from a TOML file, from options, or from both; options take precedence.

    Args:
        path: The file, or None. Paths in it are relative to its folder.
        options: Field of `RunSettings` -> value, without fields that are not given; `models` is a list of
            `provider:name`.
        sets: Further settings of models: `key=value` for all, `MODEL.key=value` for one; `key=` for none.
        names: Model -> what the corpus calls it; `sets` may use either.

    Raises:
        InputError: If the file is not allowed; it names the key.
        OptionError: If an option is not allowed.
    """
    fields = _load_file(path) if path is not None else {}
    origins: dict[Keys, tuple[str, str]] = {}
    for name, value in options.items():
        fields[name] = _parse_models(value) if name == "models" else value
        origins[name,] = name, ""
    for model, name in names.items():
        for n in _find_meant(model, fields.get("models"), "names"):
            _list_models(fields.get("models"))[n]["name"] = name
            origins["models", n, "name"] = "names", f"{quote(model)}: "
    # What is set for one model wins over what is set for all, whichever comes first.
    for setting in sorted(sets, key=_names_model):
        _apply_setting(setting, fields.get("models"), origins)
    for required in ("source", "out", "models"):
        if required not in fields:
            raise OptionError(required, "is missing; give it, or a run file with it")
    try:
        return RunSettings.model_validate(fields)
    except ValidationError as error:
        raise _explain(error, path, origins) from error


def find_run_file(given: Path | None, out: Path | None) -> Path:
    """Return the file of the latest run into a corpus.

    Args:
        given: A run file that was also named, which is an error.
        out: The corpus.

    Raises:
        InputError: If there is none.
    """
    if given is not None or out is None:
        raise OptionError("resume", "needs the folder of the corpus, and no run file")
    if not (out / RUN_FILE).is_file():
        raise InputError(out, f"no {RUN_FILE}, so there is no run to continue; start one without --resume")
    return out / RUN_FILE


def write_run_settings(run: RunSettings) -> None:
    """Store the run in its corpus, with paths relative to it."""
    fields = run.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    fields["source"] = _relative(run.source, run.out)
    fields["out"] = "."
    fields["models"] = [model.model_dump(mode="json", exclude_unset=True, exclude_none=True) for model in run.models]
    if run.categories.endswith(_SET_SUFFIX):
        fields["categories"] = _relative(Path(run.categories), run.out)
    if run.prompts:
        fields["prompts"] = {label: _relative(path, run.out) for label, path in run.prompts.items()}
    comment = "# The latest run of `descan collect` into this folder; `--resume` continues it.\n"
    write_file(run.out / RUN_FILE, comment + tomli_w.dumps(fields))


def _check_address(base_url: str, label: str) -> None:
    try:
        scheme, server, *_ = urlsplit(base_url)
    except ValueError as error:
        raise ValueError(f"base_url {quote(base_url)} is not a URL: {error}") from error
    if "@" in server:
        raise ValueError(f"base_url of {quote(label)} holds a password; keys come from the environment")
    if scheme not in ("http", "https") or not server:
        problem = "must begin with http:// or https:// and name a server"
        raise ValueError(f"base_url {quote(base_url)} of {quote(label)} {problem}")


def _relative(path: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(os.path.realpath(path), os.path.realpath(folder))).as_posix()
    except ValueError:  # Another drive.
        return os.path.realpath(path)


def _load_file(path: Path) -> dict[str, object]:
    fields: dict[str, object] = load_toml(path)
    for name in ("source", "out"):
        if isinstance(value := fields.get(name), str):
            fields[name] = Path(os.path.realpath(path.parent / value))
    if isinstance(named := fields.get("categories"), str) and named.endswith(_SET_SUFFIX):
        fields["categories"] = os.path.realpath(path.parent / named)
    if isinstance(prompts := fields.get("prompts"), dict):
        fields["prompts"] = {
            mode: Path(os.path.realpath(path.parent / file)) if isinstance(file, str) else file
            for mode, file in prompts.items()
        }
    return fields


def _parse_models(names: object) -> list[dict[str, object]]:
    models: list[dict[str, object]] = []
    for name in names if isinstance(names, list | tuple) else ():
        provider, colon, model = str(name).partition(":")
        if not colon or not model:
            raise OptionError("models", f"must be PROVIDER:NAME, as in openai:gpt-4o, not {quote(name)}")
        models.append({"provider": provider, "model": model})
    return models


def _apply_setting(setting: str, models: object, origins: dict[Keys, tuple[str, str]]) -> None:
    """Apply one setting to the models that it names; without a value, the key is as if it had never been given."""
    left, equals, text = setting.partition("=")
    wanted, _, key = left.strip().rpartition(".")
    if not equals or not key:
        raise OptionError("settings", f"must be KEY=VALUE or MODEL.KEY=VALUE, not {quote(setting)}")
    if key not in ModelSettings.model_fields:
        allowed = ", ".join(ModelSettings.model_fields)
        raise OptionError("settings", f"{quote(setting)}: key {quote(key)} is unknown; use one of {allowed}")
    found = _list_models(models)
    for n in _find_meant(wanted, models, "settings", f"{quote(setting)}: ") if wanted else range(len(found)):
        if not text.strip():
            found[n].pop(key, None)
            continue
        value = _parse_value(text.strip())
        found[n][key] = [value] if key == "allow_served" and isinstance(value, str) else value
        origins["models", n, key] = "settings", f"{setting}: "


def _find_meant(wanted: str, models: object, option: str, where: str = "") -> list[int]:
    """Return the places of the models that a name means."""
    found = _list_models(models)
    meant = [n for n, model in enumerate(found) if wanted in _list_names(model)]
    if not meant:
        allowed = ", ".join(str(model.get("name") or model.get("model")) for model in found) or "a model"
        raise OptionError(option, f"{where}model {quote(wanted)} is not in the run; use {allowed}")
    return meant


def _list_models(models: object) -> list[dict[str, object]]:
    return [model for model in models if isinstance(model, dict)] if isinstance(models, list) else []


def _names_model(setting: str) -> bool:
    return "." in setting.partition("=")[0]


def _list_names(model: Mapping[str, object]) -> set[object]:
    return {model.get("name"), model.get("model"), f"{model.get('provider')}:{model.get('model')}"}


def _parse_value(text: str) -> object:
    """Parse a value as TOML does, or as a bare string."""
    try:
        value: object = tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, str | int | float | list) else text


def _explain(error: ValidationError, path: Path | None, origins: Mapping[Keys, tuple[str, str]]) -> InputError:
    first = error.errors(include_url=False)[0]
    keys: Keys = first["loc"]
    if first["type"] == "value_error":
        problem = str(first["ctx"]["error"])
    elif first["type"] == "extra_forbidden":
        kind = ModelSettings if keys[0] == "models" else RunSettings
        problem = f"key {quote(keys[-1])} is unknown; use one of {', '.join(kind.model_fields)}"
    else:
        rule = re.sub(r"^\w+ should", "must", first["msg"])
        found = first["input"]
        problem = f"{rule}, not {quote(str(found) if isinstance(found, Path) else found)}"
    where = next((origins[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in origins), None)
    if where is not None:
        option, setting = where
        return OptionError(option, setting + problem)
    key = ".".join(str(part) for part in keys)
    return InputError(path, f"key {key}: {problem}" if key and first["type"] != "extra_forbidden" else problem)
