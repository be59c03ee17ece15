"""Where lexicon files are, and how one is read and checked."""

from functools import lru_cache
from pathlib import Path
from typing import Final, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from descan.errors import InputError, SetupError

Model = TypeVar("Model", bound=BaseModel)

_PACKAGE = Path(__file__).resolve().parent.parent


def lexicon_path(*parts: str) -> Path:
    """Return the path of a lexicon file or folder, in an installed package as in a checkout.

    Raises:
        SetupError: If the lexicons are not where the package or the checkout has them.
    """
    for folder in (_PACKAGE / "lexicons", _PACKAGE.parent / "lexicons"):
        if folder.is_dir():
            return folder.joinpath(*parts)
    raise SetupError("the lexicons folder is missing; install descan again: pip install --force-reinstall descan")


@lru_cache(maxsize=1)
def readable_languages() -> tuple[str, ...]:
    """Return the codes of the languages that have a lexicon, sorted."""
    return tuple(sorted(path.parent.name for path in lexicon_path().glob("*/emotions.csv")))


def read_yaml(path: Path, model: type[Model]) -> Model:
    """Load a YAML file and check it against a model.

    Raises:
        InputError: If the file is not YAML or does not fit the model.
    """
    try:
        return model.model_validate(yaml.load(path.read_text(encoding="utf-8"), Loader=YAML_LOADER))
    except yaml.YAMLError as error:
        raise InputError(path, f"not YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        raise InputError(path, describe_problem(error, model)) from error


YAML_LOADER: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Every scalar is a word: YAML would read a bare `no` or `on` as a boolean."""


def describe_problem(error: ValidationError, model: type[BaseModel]) -> str:
    """Return the first problem that a check found, with the key that it is about."""
    return describe_problems(error, model)[0][1]


def describe_problems(error: ValidationError, model: type[BaseModel]) -> list[tuple[tuple[str, ...], str]]:
    """Return each problem that a check found: the place, and what it is with the key that it is about."""
    problems = []
    for found in error.errors():
        place = tuple(str(part) for part in found["loc"])
        message = found["msg"].removeprefix("Value error, ")
        if found["type"] == "extra_forbidden" and len(place) == 1:
            message += f"; use one of {', '.join(model.model_fields)}"
        problems.append((place, f"{'.'.join(place)}: {message}" if place else message))
    return problems
