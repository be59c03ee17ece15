"""What reading a language needs beside its words: `language.yaml`, checked."""

from functools import cache
from importlib.util import find_spec
from typing import Final

from pydantic import BaseModel, ConfigDict

from descan.errors import SetupError
from descan.lexicon.files import lexicon_path, read_yaml
from descan.lexicon.languages import name_language

PROFILE_FILE: Final = "language.yaml"


class Profile(BaseModel):
    """`language.yaml`; a language whose words have spaces between them in another script than Latin needs none.

    Attributes:
        words: Frequent words by which a text in Latin letters is known to be in the language.
        tokenizer: Class that cuts its texts, `module:Class`; nothing for that of spaCy.
        packages: Python packages that the tokenizer needs.
        install: The command that installs them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: list[str] = []
    tokenizer: str = ""
    packages: list[str] = []
    install: str = ""

    @property
    def is_installed(self) -> bool:
        """Whether all packages are there."""
        return all(find_spec(package) is not None for package in self.packages)


@cache
def load_profile(language: str) -> Profile:
    """Load what reading a language needs.

    Raises:
        InputError: If the file is not as its schema says.
    """
    path = lexicon_path(language, PROFILE_FILE)
    return read_yaml(path, Profile) if path.is_file() else Profile()


def check_installed(language: str) -> None:
    """Check that the packages are there which the tokenizer of a language needs.

    Raises:
        SetupError: If one is missing; it says the command that installs them.
    """
    profile = load_profile(language)
    if not profile.is_installed:
        packages = " and ".join(profile.packages)
        raise SetupError(f"to read {name_language(language)}, descan needs {packages}; run: {profile.install}")
