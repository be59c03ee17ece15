"""What many texts mention, without a corpus."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from descan.analysis.answer_languages import find_language, group_readable, language_read_in
from descan.analysis.block_cache import divide_texts
from descan.analysis.own_words import load_project
from descan.analysis.record_batches import KEYS, MentionBatches
from descan.categorize.term_categories import TermCategorizer, TermTable
from descan.embedding import DEFAULT_EMBEDDER, NO_EMBEDDER, Embedder, load_embedder
from descan.emotions import CategorySet
from descan.errors import OptionError, quote
from descan.extract import load_extractor
from descan.lexicon import (
    DEFAULT_SET,
    ProjectLexicon,
    check_terms,
    inventory_of,
    load_category_set,
    load_lexicon,
    name_language,
)
from descan.records import DEFAULT_LANGUAGE
from descan.storage.schemas import MENTION, MENTIONS

if TYPE_CHECKING:
    import pandas as pd

_logger = logging.getLogger(__name__)


def extract(
    texts: "Sequence[str | None] | pd.Series[str]",
    *,
    language: str | None = None,
    embedder: str = DEFAULT_EMBEDDER,
    categories: CategorySet | Path | str | None = None,
    lexicon: Path | str | None = None,
) -> "pd.DataFrame":
    """Find the facial actions and emotion terms in many texts, in one pass.

    Args:
        texts: Descriptions of faces: a list, an array or a Series. None and NaN are texts that are missing.
        language: Language of all texts, as a code such as `en`; None to find out that of each. Texts in a language that
            descan does not read have no mentions, and are counted in a warning.
        embedder: Name or path of a sentence-transformers model for terms outside the lexicon, or `none`.
        categories: A category set, its name or its file; None for basic7.
        lexicon: Folder with a project's own words, which change the installed lexicon.

    Returns:
        A row a mention, in the order of the texts and of their words; shape (n_mentions, 19). The index is that of a
        Series, or else the place of the text from 0, so that `frame.join(mentions)` brings both together. `start` and
        `end` are offsets in characters (code points) of the text, `similarity` is a cosine (-1 to 1) or NaN, `negated`,
        `hedged` and `is_conclusion` are booleans, `aus` are FACS action units such as `1+2`; all others are strings,
        empty where they do not apply. The columns are those of `mentions.parquet`.

    Raises:
        OptionError: If the texts are one string, or one of them is none.
        InputError: If the language is not one that descan reads, or the category set or the project's own words are not
            allowed.
        SetupError: If the embedder is needed and cannot be loaded.
    """
    import pandas as pd

    if isinstance(texts, str):
        raise OptionError("texts", "is one string; use a list of them, or descan.explain for one text")
    if isinstance(texts, pd.DataFrame | Mapping):
        raise OptionError("texts", f"is a {type(texts).__name__}; use a list or a Series, such as one of its columns")
    series = texts if isinstance(texts, pd.Series) else pd.Series(list(texts), dtype=object)
    places = [place for place, is_missing in enumerate(series.isna()) if not is_missing]
    found = [series.iloc[place] for place in places]
    for place, text in zip(places, found, strict=True):
        if not isinstance(text, str):
            raise OptionError("texts", f"has {quote(text)} at {series.index[place]!r}; use strings, or None")
    chosen = categories if isinstance(categories, CategorySet) else load_category_set(categories or DEFAULT_SET)
    loaded = None if embedder == NO_EMBEDDER else load_embedder(embedder)
    project = load_project(lexicon, language or DEFAULT_LANGUAGE)
    if language is None:
        languages = [find_language(text, DEFAULT_LANGUAGE, project) for text in found]
        _warn_of_unread(languages)
    else:
        load_lexicon(language)  # One that descan does not read is an error where it is named.
        languages = [language] * len(found)
    parts = [MENTIONS.empty_table()]
    for one, mine in group_readable(languages, DEFAULT_LANGUAGE):
        keys = pa.array([places[place] for place in mine], pa.int32())
        parts += _extract_in(one, [found[place] for place in mine], keys, chosen, loaded, project)
    rows = pa.concat_tables(parts)
    rows = rows.take(pc.sort_indices(rows["repeat"]))  # Stable: the words of a text stay in their order.
    frame: pd.DataFrame = rows.select(MENTION.names).to_pandas()
    frame.index = series.index[rows["repeat"].to_numpy()]
    return frame


def _extract_in(
    language: str,
    texts: Sequence[str],
    keys: pa.Int32Array,
    categories: CategorySet,
    embedder: Embedder | None,
    project: ProjectLexicon | None,
) -> Iterator[pa.Table]:
    """Yield rows of mentions in texts of one language; `repeat` holds the keys of their texts."""
    lexicon = load_lexicon(language, project)
    check_terms(categories, lexicon)
    extractor = load_extractor(language, project)
    extractor.prepare(sum(map(len, texts)))
    table_of_terms = TermTable(lexicon, categories)
    categorizer = TermCategorizer(lexicon, embedder, categories=categories)
    batches = MentionBatches(inventory_of(lexicon), categories)
    done = 0
    for portion in divide_texts(texts):
        extractions = extractor.extract(portion)
        terms = categorizer.categories(table_of_terms.terms(extractions.mentions))
        names = pa.array([""] * len(portion))
        batch = pa.record_batch([names, names, keys[done : done + len(portion)]], schema=KEYS)
        yield pa.table(batches.batch(batch, extractions, table_of_terms.categorize(extractions, terms)))
        done += len(portion)


def _warn_of_unread(languages: Iterable[str]) -> None:
    unread = Counter(language for language in languages if not language_read_in(language, DEFAULT_LANGUAGE))
    if unread:
        names = ", ".join(f"{n:,} in {name_language(language)}" for language, n in unread.most_common())
        _logger.warning("texts in languages that descan does not read have no mentions: %s", names)
