"""What earlier runs found in the texts of a block, or else what is found now."""

import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b, sha256
from importlib.metadata import version
from itertools import accumulate, groupby
from pathlib import Path

import pyarrow as pa

from descan.analysis.extraction_tables import SCHEMA, check_ranges, to_table
from descan.categorize.labels.parser import LabelParser
from descan.emotions import CategorySet
from descan.lexicon import (
    ProjectLexicon,
    category_set_digest,
    inventory_of,
    lexicon_path,
    load_lexicon,
    load_profile,
    readable_languages,
)
from descan.records import Label
from descan.storage.arrow import decode_table, encode_table
from descan.storage.cache import Cache

_PACKAGE = Path(__file__).parents[1]
_OTHER_ROOMS = ("cli", "collect", "compare", "execution", "media", "report", "review")
"""Rooms of the package that neither extraction nor the labels depend on."""
_SOURCES = (".py", ".csv", ".toml", ".yaml")
_LIBRARIES = ("descan", "numba", "numpy", "pyarrow", "spacy")

_PORTION_CHARACTERS = 2_000_000
"""So much is extracted from at once. It takes 70 bytes a character, and 1,000 answers may have any length."""

_LABELS = pa.schema([("label", pa.string()), ("reason", pa.string())])


def extract_texts(
    texts: Sequence[str],
    language: str,
    cache: Cache,
    n_characters: int = 0,
    project: ProjectLexicon | None = None,
) -> pa.Table:
    """Return what descriptions mention, as a table with `extraction_tables.SCHEMA`.

    Args:
        texts: The descriptions.
        language: Of the descriptions.
        cache: May hold what they mention.
        n_characters: How much there is to extract from in all blocks, about.
        project: The project's own words.
    """
    if not texts:
        return SCHEMA.empty_table()
    key = _key(texts, language, project)
    table = _load_table(cache, "extractions", key, SCHEMA, len(texts))
    if table is not None and check_ranges(table, inventory_of(load_lexicon(language, project))):
        return table
    from descan.extract import load_extractor  # spaCy takes a second to import, and cached blocks do not need it.

    extractor = load_extractor(language, project)
    extractor.prepare(n_characters, cache.on_problem)
    table = pa.concat_tables(to_table(extractor.extract(portion)) for portion in divide_texts(texts)).combine_chunks()
    cache.save("extractions", key, encode_table(table))
    return table


def divide_texts(texts: Sequence[str]) -> Iterator[list[str]]:
    """Divide texts into portions, each of about `_PORTION_CHARACTERS` or one longer text."""
    ends = accumulate(map(len, texts))
    for _, portion in groupby(zip(ends, texts, strict=True), lambda pair: pair[0] // _PORTION_CHARACTERS):
        yield [text for _, text in portion]


def parse_labels(
    texts: Sequence[str],
    language: str,
    aliases: tuple[tuple[str, str], ...],
    categories: CategorySet,
    cache: Cache,
    project: ProjectLexicon | None = None,
) -> list[Label]:
    """Return the label of each reply.

    Args:
        texts: The replies.
        language: Of the replies.
        aliases: Spelled label -> category, sorted.
        categories: The category set.
        cache: May hold the labels.
        project: The project's own words.
    """
    if not texts:
        return []
    key = _key(texts, language, project, aliases, category_set_digest(categories))
    table = _load_table(cache, "labels", key, _LABELS, len(texts))
    if table is None:
        labels = [_label_parser(aliases, language, categories, project).parse(text) for text in texts]
        table = pa.table([[label.label for label in labels], [label.reason for label in labels]], schema=_LABELS)
        cache.save("labels", key, encode_table(table))
    return [Label(*cells) for cells in zip(*(column.to_pylist() for column in table.columns), strict=True)]


def _load_table(cache: Cache, kind: str, key: str, schema: pa.Schema, n_rows: int) -> pa.Table | None:
    content = cache.load(kind, key)
    if content is None:
        return None
    try:
        table = decode_table(content, schema)
    except ValueError:
        return None
    return table if len(table) == n_rows else None


def _key(texts: Sequence[str], language: str, project: ProjectLexicon | None, *facts: object) -> str:
    """Return a digest of texts, and of everything else that determines what is found in them."""
    digest = blake2b(repr((language, _code(), project and project.digest, facts)).encode())
    for text in texts:
        content = text.encode()
        digest.update(len(content).to_bytes(8, "big"))
        digest.update(content)
    return digest.hexdigest()


@lru_cache
def _code() -> str:
    """Return a digest of Python's and the libraries' versions, of the lexicons and of the package's own sources."""
    profiles = map(load_profile, readable_languages())
    tokenizers = [package for profile in profiles if profile.is_installed for package in profile.packages]
    digest = sha256(f"{sys.version_info} {[version(name) for name in (*_LIBRARIES, *tokenizers)]}".encode())
    sources = {path for path in _PACKAGE.rglob("*") if path.relative_to(_PACKAGE).parts[0] not in _OTHER_ROOMS}
    for folder in (lexicon_path(), *map(lexicon_path, readable_languages())):  # Some are in packages of their own.
        sources.update(folder.rglob("*"))
    for path in sorted(sources):
        if path.suffix in _SOURCES:
            content = path.read_bytes()
            digest.update(f"{path.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


@lru_cache
def _label_parser(
    aliases: tuple[tuple[str, str], ...], language: str, categories: CategorySet, project: ProjectLexicon | None
) -> LabelParser:
    return LabelParser(dict(aliases), language, categories, project)
