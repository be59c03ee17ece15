"""A block in columns holds what its descriptions hold as records, one by one."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from descan.analysis.extraction_tables import SCHEMA, from_table, to_table
from descan.analysis.record_batches import KEYS, MentionBatches, reading_batch, record_batch
from descan.categorize.readings import Reader
from descan.categorize.term_categories import TermCategorizer, TermsBy, TermTable
from descan.columns import Extractions, TermColumns
from descan.embedding import FloatMatrix
from descan.extract import load_extractor
from descan.extract.raw_text import replace_surrogates
from descan.lexicon import inventory_of, load_category_set, load_lexicon
from descan.records import Answer, Extraction, Mode, Reading
from descan.storage import schemas
from tests.extract.test_properties import PIECES, TEXTS

FEELINGS = [
    "She feels zorbly and not flummoxation.",
    "a sense of glumness",
    "He looks sort of blorpish!",
    "an expression of Qxz",
    "Overall, she seems to feel \U0001f600",
    "slightly wistfulish, perhaps; deep sorrow",
    "a feeling of \u0130zz",
]
BLOCKS = st.lists(TEXTS | st.sampled_from(FEELINGS) | PIECES.map("She feels ".join), max_size=6)
LEXICON = load_lexicon("en")
BASIC7 = load_category_set()
READINGS = schemas.readings_schema(BASIC7)
TERMS, READER = TermTable(LEXICON, BASIC7), Reader(LEXICON)
MENTIONS = MentionBatches(inventory_of(LEXICON), BASIC7)
EVERYWHERE = example(["", *FEELINGS, "\ud800 smiles, sad\udfff", "", "Her brows are raised; no smile.", "."])


class Hashed:
    """Gives any term a vector of three dimensions, at once."""

    name = identity = "hashed"

    def embed(self, terms: Sequence[str]) -> FloatMatrix:
        vectors = np.array([list(sha256(term.encode()).digest()[:3]) for term in terms], dtype=np.float32) - 127.5
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


@pytest.fixture(
    scope="module",
    params=[(None, TermsBy.LEXICON), (Hashed(), TermsBy.LEXICON), (Hashed(), TermsBy.EMBEDDING)],
    ids=["no embedder", "an embedder", "an embedder alone"],
)
def categorizer(request: pytest.FixtureRequest) -> TermCategorizer:
    embedder, terms_by = request.param
    return TermCategorizer(LEXICON, embedder, terms_by)


def columns_of(texts: Sequence[str], categorizer: TermCategorizer) -> tuple[Extractions, TermColumns]:
    extractions = load_extractor("en").extract(texts)
    return extractions, TERMS.categorize(extractions, categorizer.categories(TERMS.terms(extractions.mentions)))


def records_of(texts: Sequence[str], categorizer: TermCategorizer) -> list[Extraction]:
    """Return each description as if it were alone."""
    extractor = load_extractor("en")
    return categorizer.categorize([extraction for text in texts for extraction in extractor.records([text])])


def answers_of(texts: Sequence[str]) -> list[Answer]:
    return [
        Answer(f"i{n}", f"m{n % 2}", Mode.DESCRIBE, text, repeat=n, language=("en", "und")[n % 2])
        for n, text in enumerate(texts)
    ]


def key_of(answer: Answer) -> tuple[str, str, int]:
    return answer.item_id, answer.model, answer.repeat


def mention_rows(answer: Answer, extraction: Extraction) -> list[dict[str, Any]]:
    """Return the rows of a description as the schema says."""
    return [
        {
            **dict(zip(("item_id", "model", "repeat"), key_of(answer), strict=True)),
            **{name: value for name, value in mention._asdict().items() if name in schemas.MENTIONS.names},
            "similarity": None if mention.similarity is None else float(np.float32(mention.similarity)),
            "negated": mention.negated,
            "hedged": mention.hedged,
        }
        for mention in extraction.mentions
    ]


def reading_row(answer: Answer, reading: Reading) -> dict[str, Any]:
    values = {name: getattr(reading, name) for name in READINGS.names if hasattr(reading, name)}
    scores = dict(zip(BASIC7.score_columns, reading.scores, strict=True))
    keys = dict(zip(("item_id", "model", "repeat"), key_of(answer), strict=True))
    return keys | values | scores | {"named": list(reading.named), "language": answer.language}


@given(BLOCKS)
@EVERYWHERE
@settings(max_examples=60, deadline=None)
def test_the_rows_of_a_block_are_those_of_its_mentions(categorizer: TermCategorizer, texts: list[str]) -> None:
    answers = answers_of(texts)
    batch = MENTIONS.batch(record_batch(KEYS, answers), *columns_of(texts, categorizer))
    records = records_of(texts, categorizer)
    expected = [row for pair in zip(answers, records, strict=True) for row in mention_rows(*pair)]
    assert batch.schema == schemas.MENTIONS
    assert batch.to_pylist() == expected


@given(BLOCKS)
@EVERYWHERE
@settings(max_examples=60, deadline=None)
def test_the_readings_of_a_block_are_those_of_each_description(categorizer: TermCategorizer, texts: list[str]) -> None:
    texts = list(map(replace_surrogates, texts))
    answers = answers_of(texts)
    extractions, categories = columns_of(texts, categorizer)
    readings = READER.read_columns(extractions, categories)
    languages = pa.array([answer.language for answer in answers])
    batch = reading_batch(record_batch(KEYS, answers), extractions, readings, BASIC7, languages)
    alone = [READER.read(extraction) for extraction in records_of(texts, categorizer)]
    assert batch.schema == READINGS
    assert batch.to_pylist() == [reading_row(*pair) for pair in zip(answers, alone, strict=True)]


@given(BLOCKS)
@EVERYWHERE
@settings(max_examples=60, deadline=None)
def test_what_is_kept_is_what_was_extracted(texts: list[str]) -> None:
    extractions = load_extractor("en").extract(list(map(replace_surrogates, texts)))
    table = to_table(extractions)
    assert table.schema == SCHEMA
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    for again in (from_table(table), from_table(pa.ipc.open_stream(sink.getvalue()).read_all())):
        assert values_of(again) == values_of(extractions)


def values_of(extractions: Extractions) -> list[object]:
    columns = (*extractions.mentions, extractions.bounds, extractions.n_words, extractions.refused, extractions.named)
    return [[*(column.to_pylist() if isinstance(column, pa.Array) else column)] for column in columns]


def test_no_description_gives_no_row(categorizer: TermCategorizer) -> None:
    extractions, categories = columns_of([], categorizer)
    keys = record_batch(KEYS, [])
    assert len(MENTIONS.batch(keys, extractions, categories)) == 0
    readings = READER.read_columns(extractions, categories)
    assert len(reading_batch(keys, extractions, readings, BASIC7, pa.array([], pa.string()))) == 0


def test_terms_beyond_the_lexicon_are_among_what_is_compared(categorizer: TermCategorizer) -> None:
    records = records_of(FEELINGS, categorizer)
    sources = {mention.category_source for extraction in records for mention in extraction.mentions if mention.term}
    assert sources in ({"lexicon", "none"}, {"lexicon", "embedding"}, {"embedding"})
