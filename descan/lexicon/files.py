"""Where lexicon files are, and how one is read and checked."""

from pathlib import Path
from typing import TypeVar

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


def read_yaml(path: Path, model: type[Model]) -> Model:
    """Load a YAML file and check it against a model.

    Raises:
        InputError: If the file is not YAML or does not fit the model.
    """
    try:
        return model.model_validate(yaml.load(path.read_text(encoding="utf-8"), Loader=_YamlLoader))
    except yaml.YAMLError as error:
        raise InputError(path, f"not YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        raise InputError(path, describe_problem(error, model)) from error


# Every scalar is a word: YAML would read a bare `no` or `on` as a boolean.
_YamlLoader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def describe_problem(error: ValidationError, model: type[BaseModel]) -> str:
    """Return the first problem that a check found, with the key that it is about."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden" and len(first["loc"]) == 1:
        message += f"; use one of {', '.join(model.model_fields)}"
    return f"{where}: {message}" if where else message
