"""The `corpus.toml` of a corpus, checked."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from descan.corpus.spellings import CategoryNames
from descan.emotions import CategorySet
from descan.errors import InputError, quote
from descan.lexicon import fold_spelling, load_category_set, parse_language
from descan.records import DEFAULT_LANGUAGE
from descan.storage.toml_files import load_toml


def _to_category(value: object, info: ValidationInfo) -> object:
    names: CategoryNames | None = info.context
    if names is None:
        return value
    category = names.find(value) if isinstance(value, str) else None
    if category is None:
        raise ValueError(f"{quote(value)} is unknown; use one of {', '.join(names.categories.names)}")
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
    categories: str = ""
    lexicon: str = ""
    labels: dict[str, Annotated[str, BeforeValidator(_to_category)]] = {}
    prompts: dict[str, str] = {}

    @model_validator(mode="after")
    def _check_aliases(self, info: ValidationInfo) -> "CorpusSettings":
        if info.context is not None:
            CategoryNames(info.context.categories, self.labels)
        return self


def load_settings(path: Path, chosen: CategorySet | None = None) -> tuple[CorpusSettings, CategorySet]:
    """Load and check a `corpus.toml`.

    Args:
        path: The file.
        chosen: The category set that outweighs the one that the file names. Labels of categories that it does not
            have are left out.

    Returns:
        What it holds, and the category set: the chosen one, that of the file, or the default.

    Raises:
        InputError: If it is not TOML, or a key or a value is not allowed; the message names the key.
    """
    content = load_toml(path)
    named = content.get("categories", "")
    is_named = isinstance(named, str) and named
    own = load_category_set(named, path.parent) if is_named else load_category_set()
    try:
        settings = CorpusSettings.model_validate(content, context=CategoryNames(own))
    except ValidationError as error:
        raise InputError(path, _describe_first(error)) from error
    if chosen is None or chosen.names == own.names:
        return settings, chosen or own
    return settings.model_copy(update={"labels": _labels_of(chosen, settings.labels)}), chosen


def _labels_of(chosen: CategorySet, labels: Mapping[str, str]) -> dict[str, str]:
    """Return the labels whose category the chosen set has, too, by its name there."""
    names = CategoryNames(chosen)
    found = {label: names.find(category) for label, category in labels.items()}
    return {
        label: category
        for label, category in found.items()
        if category is not None and names.own.get(fold_spelling(label)) in (None, category)
    }


def _describe_first(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"key {quote(key)} is unknown; use one of {', '.join(CorpusSettings.model_fields)}"
    problem = (
        str(first["ctx"]["error"]) if first["type"] == "value_error" else f"{quote(first['input'])}: {first['msg']}"
    )
    return f"key {quote(key)}: {problem}" if key else problem
