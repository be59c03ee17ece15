"""The `corpus.toml` of a corpus, checked."""

import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from descan.corpus.spellings import find_category, fold_aliases
from descan.emotions import Emotion
from descan.errors import InputError, quote
from descan.lexicon import parse_language
from descan.records import DEFAULT_LANGUAGE
from descan.storage.paths import check_regular, open_file

_MAX_TOML_BYTES = 10_000_000


def _to_category(value: object) -> str:
    category = find_category(value) if isinstance(value, str) else None
    if category is None:
        raise ValueError(f"{quote(value)} is unknown; use one of {', '.join(Emotion)}")
    return category


def _to_language(value: str) -> str:
    try:
        return parse_language(value)
    except InputError as error:
        raise ValueError(error.problem) from error


class CorpusSettings(BaseModel):
    """What `corpus.toml` may hold."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str = Field(default="", max_length=200)
    language: Annotated[str, AfterValidator(_to_language)] = Field(
        default=DEFAULT_LANGUAGE, min_length=1, max_length=35
    )
    source: str = ""
    licence: str = ""
    labels: dict[str, Annotated[str, BeforeValidator(_to_category)]] = {}
    prompts: dict[str, str] = {}

    @model_validator(mode="after")
    def _check_aliases(self) -> "CorpusSettings":
        fold_aliases(self.labels)
        return self


def load_settings(path: Path) -> CorpusSettings:
    """Load and check a `corpus.toml`.

    Raises:
        InputError: If it is not TOML, or a key or a value is not allowed; the message names the key.
    """
    try:
        return CorpusSettings.model_validate(load_toml(path))
    except ValidationError as error:
        raise InputError(path, _describe_first(error)) from error


def load_toml(path: Path) -> dict[str, Any]:
    """Load a TOML file that a person wrote.

    Raises:
        InputError: If it cannot be read, is not UTF-8, not TOML, nested too deeply or too large.
    """
    check_regular(path)
    with open_file(path) as file:
        content = file.read(_MAX_TOML_BYTES + 1)
    if len(content) > _MAX_TOML_BYTES:
        raise InputError(path, f"is larger than {_MAX_TOML_BYTES // 1_000_000} MB; is it TOML?")
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(path, "not UTF-8; UTF-8 is expected") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(path, f"not TOML: {error}") from error
    except RecursionError as error:
        raise InputError(path, "not TOML: nested too deeply; use at most two levels") from error
    except ValueError as error:
        raise InputError(path, "not TOML: a number is too long; use a shorter one") from error


def _describe_first(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"key {quote(key)} is unknown; use one of {', '.join(CorpusSettings.model_fields)}"
    problem = (
        str(first["ctx"]["error"]) if first["type"] == "value_error" else f"{quote(first['input'])}: {first['msg']}"
    )
    return f"key {quote(key)}: {problem}" if key else problem
