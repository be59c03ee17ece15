"""Where lexicon files are, and how one is read and checked."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, TypeVar, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from descan.errors import InputError, SetupError
from descan.storage.shipped import shipped_folder

Model = TypeVar("Model", bound=BaseModel)

LANGUAGE_GROUP: Final = "descan.languages"
"""Entry points of languages in other packages: the code of a language, and the package whose folder is its lexicon."""

_TERMS_FILE: Final = "emotions.csv"


def lexicon_path(*parts: str) -> Path:
    """Return the path of a lexicon file or folder, in an installed package as in a checkout.

    The folder of a language may be that of another package, which an entry point names.

    Raises:
        SetupError: If the lexicons are not where the package or the checkout has them.
    """
    folder = shipped_folder("lexicons")
    if parts and (outside := _outside_folders().get(parts[0])) and not (folder / parts[0]).exists():
        return outside.joinpath(*parts[1:])
    return folder.joinpath(*parts)


@lru_cache(maxsize=1)
def readable_languages() -> tuple[str, ...]:
    """Return the codes of the languages that have a lexicon, sorted."""
    own = (path.parent.name for path in lexicon_path().glob(f"*/{_TERMS_FILE}"))
    return tuple(sorted({*own, *_outside_folders()}))


@lru_cache(maxsize=1)
def _outside_folders() -> Mapping[str, Path]:
    """Return the lexicon folders of other packages by the codes of their languages.

    Raises:
        SetupError: If an entry point names no package with the terms of a language.
    """
    return {point.name: _folder_of(point) for point in entry_points(group=LANGUAGE_GROUP)}


def _folder_of(point: EntryPoint) -> Path:
    try:
        spec = find_spec(point.module)
    except ModuleNotFoundError:  # The package that it is said to be in.
        spec = None
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if Path(folder, _TERMS_FILE).is_file():
            return Path(folder)
    raise SetupError(
        f"entry point {point.name!r} of {LANGUAGE_GROUP} names {point.value!r}, which is no package with "
        f"{_TERMS_FILE}; name the package whose folder has the lexicon, or uninstall it"
    )


def read_yaml(path: Path, model: type[Model], context: Mapping[str, object] | None = None) -> Model:
    """Load a YAML file and check it against a model, which may ask for a context.

    Raises:
        InputError: If the file is not YAML or does not fit the model.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=YAML_LOADER)
        return model.model_validate(content, context=dict(context) if context else None)
    except yaml.YAMLError as error:
        raise InputError(path, f"not YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        raise InputError(path, describe_problem(error, model)) from error


YAML_LOADER: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Every scalar is a word: YAML would read a bare `no` or `on` as a boolean."""


_MESSAGES = {"missing": "is missing", "extra_forbidden": "is unknown"}
"""In place of pydantic's words for what users do most."""


def describe_problem(error: ValidationError, model: type[BaseModel]) -> str:
    """Return the first problem that a check found, with the key that it is about."""
    return describe_problems(error, model)[0][1]


def describe_problems(error: ValidationError, model: type[BaseModel]) -> list[tuple[tuple[str, ...], str]]:
    """Return each problem that a check found: the place, and what it is with the key that it is about."""
    problems = []
    for found in error.errors():
        place = tuple(str(part) for part in found["loc"])
        message = _MESSAGES.get(found["type"]) or found["msg"].removeprefix("Value error, ")
        if found["type"] == "extra_forbidden" and (inner := _find_model(model, place[:-1])):
            message += f"; use one of {', '.join(inner.model_fields)}"
        problems.append((place, f"{'.'.join(place)}: {message}" if place else message))
    return problems


def _find_model(annotation: Any, place: Sequence[str]) -> type[BaseModel] | None:
    """Return the model at a place in a model, a list or a mapping; None where there may be several."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if not place:
            return annotation
        field = annotation.model_fields.get(place[0])
        return _find_model(field.annotation, place[1:]) if field else None
    parts = get_args(annotation)
    return _find_model(parts[-1], place[1:]) if place and get_origin(annotation) in (list, dict, tuple) else None
