"""Languages by code, name and script: `languages.yaml`, checked."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from descan.errors import InputError, quote
from descan.lexicon.files import lexicon_path, read_yaml

UNDETERMINED: Final = "und"
"""The language of a text that does not tell it, after ISO 639-2."""


def _parse_blocks(blocks: list[str]) -> list[str]:
    for block in blocks:
        first, _, last = block.partition("-")
        if int(first, 16) > int(last, 16):
            raise ValueError(f"block {block!r} ends before it begins")
    return blocks


class Script(BaseModel):
    """A script: its blocks, such as `3041-30FF`, and its languages, the most frequent first.

    Attributes:
        blocks: First and last letter of each, in hexadecimal.
        languages: Their codes.
        among: The script that this one is written together with, such as Kana among Han.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    blocks: Annotated[list[str], AfterValidator(_parse_blocks), Field(min_length=1)]
    languages: Annotated[list[str], Field(min_length=1)]
    among: str = ""

    def ranges(self) -> list[tuple[int, int]]:
        """Return the first and the last code point of each block."""
        pairs = (block.partition("-") for block in self.blocks)
        return [(int(first, 16), int(last, 16)) for first, _, last in pairs]


class LanguageFile(BaseModel):
    """`languages.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    names: dict[str, Annotated[list[str], Field(min_length=1)]]
    scripts: dict[str, Script]


@lru_cache(maxsize=1)
def load_languages() -> LanguageFile:
    """Load the codes, names and scripts of languages.

    Raises:
        InputError: If the file is not as its schema says.
    """
    return read_yaml(lexicon_path("languages.yaml"), LanguageFile)


def name_language(code: str) -> str:
    """Return the English name of a language, or its code if it has none."""
    return load_languages().names.get(code, [code])[0]


@lru_cache(maxsize=1_000)
def parse_language(text: str) -> str:
    """Return the code of a language that is given as a code, with or without a region, or by its name.

    `en`, `EN`, `en-US` and `English` are all `en`.

    Raises:
        InputError: If it is none of these.
    """
    code = text.strip().replace("_", "-").partition("-")[0].lower()
    if code in load_languages().names or code == UNDETERMINED:
        return code
    found = _codes_by_name().get(text.strip().casefold())
    if found is None:
        raise InputError(None, f"language {quote(text)} is unknown; use an ISO 639-1 code such as en, de or ja")
    return found


@lru_cache(maxsize=1)
def _codes_by_name() -> Mapping[str, str]:
    return {name.casefold(): code for code, names in load_languages().names.items() for name in names}
