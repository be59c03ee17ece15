"""The document on files and columns, made from the schemas: `python -m benchmarks.files_document`.

`docs/columns.toml` says what each column means. A column that it does not explain is an error, and so is an explanation
of none.
"""

import csv
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from descan.analysis import AnalyzeOptions, analyze
from descan.corpus import read_corpus
from descan.corpus.corpus_toml import CorpusSettings
from descan.lexicon import load_category_set
from descan.report.maps import SCHEMA as MAP
from descan.storage import schemas

_PROJECT = Path(__file__).resolve().parent.parent
CORPORA = ("sample", "witnessed", "decided")
"""Whose tables are explained: those that every analysis has, those of witnesses, and those of mode decide."""

_ENDS = ("_low", "_high")
_SCORE = "score_"

_HEAD = """\
# Files and columns

Made from the schemas by `python -m benchmarks.files_document`; a test holds it to them. Other people's scripts read
these files, so names and meanings stay.

All texts are UTF-8. In Parquet what is not known is null; in CSV an undefined number is an empty cell, never 0. A cell
that a spreadsheet would run as a formula has a single quote before it.
"""


_TABLES_HEAD = """\
[statistics.md](statistics.md#the-tables-and-their-columns) says what a row of each is. All shares are from 0 to 1. A
name that ends in `_low` or `_high` is an end of the interval of what stands before, a number. A count is a whole
number; counts of items have decimals where the [repeats](statistics.md#repeats) of an item differ.
"""

_AVERAGES = ("_mean", "_median")
_TEXT, _COUNT, _NUMBER = "text", "count", "number"


class UnexplainedError(Exception):
    """Columns without an explanation, or explanations without a column."""


def write_document(*tables: Path) -> str:
    """Return the document.

    Args:
        tables: The folders `tables/` of analyses, of whose files the header is read.

    Raises:
        UnexplainedError: If a column is not explained, or an explanation is of none.
    """
    words = tomllib.loads((_PROJECT / "docs" / "columns.toml").read_text(encoding="utf-8"))
    parts = [_HEAD, "## A corpus\n", *_corpus(words["corpus"])]
    parts += ["## Records of an analysis\n", *_parquet(words["parquet"])]
    parts += ["## Tables of an analysis\n", *_tables(words["tables"], words["table_types"], tables)]
    return "\n".join(parts)


def _corpus(words: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    _compare("corpus.toml", CorpusSettings.model_fields, words["corpus.toml"])
    for name, columns in words.items():
        yield f"### {name}\n"
        yield from _table(("key" if name.endswith(".toml") else "column", "meaning"), columns.items())


def _parquet(words: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    found = {
        "items.parquet": schemas.ITEMS,
        "answers.parquet": schemas.ANSWERS,
        "mentions.parquet": schemas.MENTIONS,
        "readings.parquet": schemas.overridden_schema(load_category_set()),
        "labels.parquet": schemas.LABELS,
        "verdicts.parquet": schemas.VERDICTS,
        "witnesses.parquet": schemas.WITNESSES,
        "witnessed.parquet": schemas.WITNESSED,
        "decided.parquet": schemas.DECIDED,
        "readers.parquet": schemas.READERS,
        "map.parquet": MAP,
    }
    _compare("files", found, words)
    for name, schema in found.items():
        told = words[name]
        fields = _without_other_scores(schema, told)
        _compare(name, [field.name for field in fields], [column for column in told if column != "row"])
        yield f"### {name}\n"
        yield f"A row is {told['row']}.\n"
        yield from _table(
            ("column", "type", "meaning"), [(field.name, _type_of(field), told[field.name]) for field in fields]
        )


def _without_other_scores(schema: pa.Schema, told: Mapping[str, str]) -> list[pa.Field]:
    return [field for field in schema if not field.name.startswith(_SCORE) or field.name in told]


def _type_of(field: pa.Field) -> str:
    return str(field.type).replace("double", "float64").replace("float,", "float32,")


def _tables(words: Mapping[str, str], types: Mapping[str, Sequence[str]], folders: Iterable[Path]) -> Iterator[str]:
    headers = {}
    for path in sorted({path.name: path for folder in folders for path in folder.glob("*.csv")}.values(), key=_name_of):
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            headers[path.stem] = list(rows.fieldnames or ())
            _check_types(path.name, rows, types)
    named = dict.fromkeys(column for header in headers.values() for column in header)
    asked = [column for column in named if column in words or not column.endswith(_ENDS)]
    _compare("tables", asked, words)
    if unknown := {name for names in types.values() for name in names} - set(words):
        raise UnexplainedError(f"table_types: {sorted(unknown)} are no columns")
    yield _TABLES_HEAD
    yield from _table(("table", "columns"), [(name, ", ".join(header)) for name, header in headers.items()])
    yield "### Columns of the tables\n"
    yield from _table(
        ("column", "type", "meaning"), [(name, _table_type(name, types), words[name]) for name in sorted(words)]
    )


def _table_type(column: str, types: Mapping[str, Sequence[str]]) -> str:
    if column in types[_TEXT]:
        return _TEXT
    is_count = column.startswith("n_") and not column.endswith(_AVERAGES) and column not in types[_NUMBER]
    return _COUNT if is_count or column in types[_COUNT] else _NUMBER


def _check_types(table: str, rows: Iterable[Mapping[str, str]], types: Mapping[str, Sequence[str]]) -> None:
    for row in rows:
        for column, cell in row.items():
            if cell and _table_type(column, types) != _TEXT:
                try:
                    float(cell)
                except ValueError:
                    raise UnexplainedError(f"{table}: {column} is text, such as {cell!r}") from None


def _name_of(path: Path) -> str:
    return path.name


def _table(head: Sequence[str], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| `{first}` | {' | '.join(rest)} |" for first, *rest in rows]
    yield "\n".join(lines) + "\n"


def _compare(
    where: str, found: Sequence[str] | Mapping[str, object], told: Sequence[str] | Mapping[str, object]
) -> None:
    missing, extra = sorted(set(found) - set(told)), sorted(set(told) - set(found))
    if missing or extra:
        raise UnexplainedError(f"{where}: not explained {missing}, explained but not there {extra}")


def main() -> None:
    """Write docs/files.md."""
    with TemporaryDirectory() as scratch:
        folders = [Path(scratch) / name / "tables" for name in CORPORA]
        for folder in folders:
            corpus = read_corpus(_PROJECT / "corpora" / folder.parent.name)
            analyze(corpus, folder.parent, AnalyzeOptions(report=None))
        try:
            text = write_document(*folders)
        except UnexplainedError as error:
            sys.exit(f"files_document: docs/columns.toml: {error}")
    (_PROJECT / "docs" / "files.md").write_text(text, encoding="utf-8")
    print("docs/files.md")


if __name__ == "__main__":
    main()
