"""A corpus of bare tables: one, or several that have the answers, labels and gold of the same items."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path

from descan.corpus.annotators import DISTRIBUTION_COLUMN, fill_gold
from descan.corpus.answers import UNNAMED_MODEL
from descan.corpus.column_names import FoundColumns, find_columns, is_named, join_names, name_columns
from descan.corpus.conversion import AnswerTable, convert
from descan.corpus.corpus import Corpus
from descan.corpus.formats import ColumnNames
from descan.corpus.items import ItemGatherer, count_dropped, note_undropped, part_dropped
from descan.corpus.spellings import CategoryNames, join_aliases, parse_aliases, project_words
from descan.corpus.tables import Table, add_nested, rename_columns
from descan.corpus.values import parse_name
from descan.corpus.wide_tables import MODEL, unfold
from descan.emotions import CategorySet
from descan.errors import InputError, quote, without_credentials
from descan.lexicon import ProjectLexicon
from descan.storage.scratch import Scratch

_N_NAMED = 3
_NO_ANSWERS = "column 'text' or 'label'"
_OF_ANSWERS = frozenset({"text", "label"})


@dataclass(frozen=True, slots=True)
class NamedTable:
    """A table that a user gave.

    Attributes:
        table: As it was opened.
        name: What it is called in the corpus, without folder and suffix.
        model: The model whose answers it has, where the user said so.
    """

    table: Table
    name: str
    model: str = ""


@dataclass(frozen=True, slots=True)
class _Part:
    """A table with its columns found."""

    given: NamedTable
    table: Table
    found: FoundColumns

    @property
    def kinds(self) -> frozenset[str]:
        return self.found.has & _OF_ANSWERS

    @property
    def describes_items(self) -> bool:
        fixed = ("group", DISTRIBUTION_COLUMN)
        has_fixed = any(is_named(column, name) for column in self.table.columns for name in fixed)
        return has_fixed or not self.found.has.isdisjoint(("gold", "annotators"))

    @property
    def needs_model(self) -> bool:
        return bool(self.kinds) and "model" not in self.found.has


def load_tables(
    given: Sequence[NamedTable],
    columns: ColumnNames,
    aliases: Mapping[str, str],
    categories: CategorySet,
    drop_gold: Sequence[str],
    scratch: Scratch,
    sources: tuple[Path, ...],
    project: ProjectLexicon | None = None,
) -> Corpus:
    """Load the items of bare tables, and find or convert their answers.

    Args:
        given: The tables.
        columns: Their column names; each that is not the default must be in a table.
        aliases: Spelled label -> a word for the category.
        categories: The category set.
        drop_gold: Golds whose items are left out.
        scratch: Where converted answers are put.
        sources: The files that the user named.
        project: The project's own words.

    Raises:
        InputError: If anything is not allowed.
    """
    aliases = parse_aliases(join_aliases(aliases, project_words(project, categories)), categories)
    parts = [_find(table, columns) for table in given]
    _check_columns(parts, columns)
    models, notes = _find_models(parts)
    items = ItemGatherer(CategoryNames(categories, aliases), drop_gold)
    for part in parts:
        items.add(part.table, part.found)
    known = frozenset[str]().union(*(part.found.has for part in parts))
    notes = (*(note for part in parts for note in _notes(part, known)), *notes)
    name = _join([table.name for table in given])
    loaded, gold_notes = fill_gold(items.items.values())
    kept, dropped = part_dropped(loaded)
    left_out = Counter[str](count_dropped(dropped))
    corpus = Corpus(
        name=name,
        items=kept,
        answer_files=(),
        categories=categories,
        aliases=aliases,
        project=project,
        dropped=dropped,
        notes=(*notes, *gold_notes, *note_undropped(drop_gold, dropped)),
        left_out=left_out,
    )
    if len(parts) == 1 and parts[0].table.is_plain and not models:
        return replace(corpus, answer_files=(parts[0].table.path,), columns=parts[0].found.names)
    if not known & _OF_ANSWERS:
        raise _missing(parts[0], _NO_ANSWERS, "text", "label")
    converted = scratch.new_path("answers.jsonl")
    tables = [
        AnswerTable(part.table, part.found, models.get(number, UNNAMED_MODEL))
        for number, part in enumerate(parts)
        if part.kinds
    ]
    convert(tables, converted, left_out)
    return replace(corpus, answer_files=(converted,), sources=sources, left_out=left_out, scratch=scratch)


def _find(given: NamedTable, columns: ColumnNames) -> _Part:
    table, columns = unfold(given.table, columns)
    found = find_columns(table, columns)
    return _Part(given, rename_columns(add_nested(table, found.nested), found.renamed), found)


def _check_columns(parts: Sequence[_Part], columns: ColumnNames) -> None:
    """Check that every column that was asked for is in a table, and that every table has what it needs."""
    known = frozenset().union(*(part.found.has for part in parts))
    filled = [part for part in parts if part.table.columns]
    for field in fields(columns):
        name = getattr(columns, field.name)
        if filled and name != field.default and MODEL not in name and field.name not in known:
            raise _missing(filled[0], f"column {quote(name)}", field.name)
    if len(parts) == 1:
        if filled and not parts[0].kinds:
            raise _missing(parts[0], _NO_ANSWERS, "text", "label")
        return
    for part in filled:
        if not part.kinds and not part.describes_items:
            raise _missing(part, "column 'text', 'label' or 'gold'", "text", "label", "gold")
        if "item_id" not in part.found.has:
            raise _missing(
                part, f"column {quote(part.found.names.item_id)}, by which several tables are joined", "item_id"
            )
    if not known & _OF_ANSWERS:
        raise _missing(parts[0], _NO_ANSWERS, "text", "label")


def _missing(part: _Part, what: str, *fields: str) -> InputError:
    """Return the error for a column that is missing; of the answers' columns one of the fields must be there."""
    found = f"no {what}; the columns are {name_columns(part.table)}"
    hint = _second_header(part) or _suggest(part, fields)
    return InputError(part.table.path, f"{found}; {hint}" if hint else found)


def _suggest(part: _Part, fields: Sequence[str]) -> str:
    options, is_frame = part.found.suggest_options(), part.table.is_frame
    if len(fields) == 1 or len(options) == 1:
        return next(filter(None, map(part.found.suggest, fields)), "")
    if options:
        return f"likely columns found: {(', ' if is_frame else ' ').join(options)}"
    return f"name one with {'text= or label=' if is_frame else '--text-column or --label-column'}"


def _second_header(part: _Part) -> str:
    """Return a hint if the first row of a table names columns."""
    try:
        row = next(part.table.stream(part.table.columns), None)
    except InputError:
        return ""
    words = [] if row is None else [value for value in row.cells.values() if isinstance(value, str)]
    names = (*astuple(part.found.names), *astuple(ColumnNames()))
    if not any(is_named(word, name) for word in words for name in names):
        return ""
    return f"the row after the header names columns: {join_names(words)}; use one header row, without a title above"


def _find_models(parts: Sequence[_Part]) -> tuple[dict[int, str], tuple[str, ...]]:
    """Return the models of the tables that have no column for them, by their places, and what to say of that."""
    for part in parts:
        if part.given.model and not part.needs_model:
            problem = f"has column {quote(part.found.names.model)} beside {MODEL}; name its path without {MODEL}"
            raise InputError(part.table.path, problem)
    unnamed = [part for part in parts if part.needs_model and not part.given.model]
    answering = [part for part in parts if part.kinds]
    models = {number: _check_model(part, part.given.model) for number, part in enumerate(parts) if part.given.model}
    if not unnamed or len(answering) == 1:
        return models, ()
    if len(unnamed) == len(answering) == 2 and not unnamed[0].kinds & unnamed[1].kinds:
        shown = " and ".join(without_credentials(part.table.path) for part in unnamed)
        return models, (f"{shown}: descriptions and labels of one model, for neither has a column model",)
    for part in unnamed:
        if any(part.kinds.isdisjoint(other.kinds) for other in answering):
            what = "descriptions" if "text" in part.kinds else "labels"
            problem = f"has {what} alone and no column model, so nothing tells which other table is of the same model"
            raise InputError(
                part.table.path,
                f"{problem}; add the column, or name the tables with {MODEL}, as in '{MODEL}_{what}.csv'",
            )
    for number, part in enumerate(parts):
        if part in unnamed:
            models[number] = _check_model(part, part.given.name)
    names = ", ".join(quote(part.given.name) for part in unnamed)
    n_models = f"{len(unnamed)} model{'s' * (len(unnamed) > 1)}"
    return models, (f"no column model: {n_models} by the names of the tables: {names}",)


def _check_model(part: _Part, model: str) -> str:
    return parse_name({"model": model}, "model", part.table.path, None)


def _notes(part: _Part, known: frozenset[str]) -> Iterator[str]:
    """Yield notes about a table; what another table has is not missing."""
    where = without_credentials(part.table.path)
    if part.table.read_as:
        yield f"{where}: {part.table.read_as}"
    if part.found.unread_columns:
        yield f"{where}: columns not read: {join_names(part.found.unread_columns)}"
    for field in fields(ColumnNames):
        suggestion = "" if field.name in known else part.found.suggest(field.name)
        if field.name == "item_id" and "item_id" not in known and "model" in known:
            yield f"{where}: no column item_id, so every row is another item{suggestion and f'; {suggestion}'}"
        elif suggestion:
            yield f"{where}: no column {field.name}; {suggestion}"


def _join(names: Sequence[str]) -> str:
    more = f" and {len(names) - _N_NAMED} more" if len(names) > _N_NAMED else ""
    return ", ".join(names[:_N_NAMED]) + more
