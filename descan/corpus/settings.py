"""The `corpus.toml` of a corpus, checked."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from descan.corpus.cells import category_named
from descan.emotions import Emotion
from descan.errors import InputError, quoted


def _to_category(value: object) -> str:
    category = category_named(value) if isinstance(value, str) else None
    if category is None:
        raise ValueError(f"{quoted(value)} is unknown; use one of {', '.join(Emotion)}")
    return category


class CorpusSettings(BaseModel):
    """What `corpus.toml` may hold."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str = Field(default="", max_length=200)
    language: str = Field(default="en", min_length=1)
    source: str = ""
    licence: str = ""
    labels: dict[str, Annotated[str, BeforeValidator(_to_category)]] = {}
    prompts: dict[str, str] = {}

    @model_validator(mode="after")
    def _check_aliases(self) -> "CorpusSettings":
        seen: dict[str, str] = {}
        for alias, category in self.labels.items():
            if not alias.strip():
                raise ValueError("a label in [labels] is blank; give it a spelling")
            if category_named(alias) not in (None, category):
                raise ValueError(
                    f"label {quoted(alias)} is a category itself; give it {category_named(alias)} or drop it"
                )
            if seen.setdefault(alias.strip().casefold(), category) != category:
                raise ValueError(f"label {quoted(alias)} has two categories; give it one")
        return self


def read_settings(path: Path) -> CorpusSettings:
    """Read and check a `corpus.toml`.

    Raises:
        InputError: If it is not TOML, or a key or a value is not allowed; it names the key.
    """
    try:
        settings = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(path, "not UTF-8; UTF-8 is expected") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(path, f"not TOML: {error}") from error
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror or error}; use a file that can") from error
    try:
        return CorpusSettings.model_validate(settings)
    except ValidationError as error:
        raise InputError(path, _first_problem(error)) from error


def folded_aliases(aliases: Mapping[str, str]) -> dict[str, str]:
    """Give the aliases by their case-folded spelling."""
    return {alias.strip().casefold(): category for alias, category in aliases.items()}


def _first_problem(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"key {quoted(key)} is unknown; use one of {', '.join(CorpusSettings.model_fields)}"
    problem = (
        str(first["ctx"]["error"]) if first["type"] == "value_error" else f"{quoted(first['input'])}: {first['msg']}"
    )
    return f"key {quoted(key)}: {problem}" if key else problem
