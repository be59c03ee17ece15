"""A project's own words merged into the installed lexicon.

One rule holds for all files: what is listed is added, a value given again replaces the installed one, and what
`remove.yaml` names is gone before anything is added. The merged file is checked as the installed one is, and each
problem is told with the line of the project that brought it in.
"""

import csv
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Final, Generic, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from descan.errors import InputError, quote
from descan.lexicon.entries import TermEntry, expand_alternatives
from descan.lexicon.files import YAML_LOADER, describe_problems
from descan.lexicon.project import LANGUAGE_FILES, REMOVE_FILE, SHARED_FILES, TERMS_FILE, ProjectFile, ProjectLexicon

Content = TypeVar("Content")
Model = TypeVar("Model", bound=BaseModel)

Path = tuple[str, ...]
"""Keys and numbers, from the top of a file to a value in it."""

Check = Callable[[Model], Iterator[tuple[Path, str]]]
"""Yields what else is not allowed in a file, with its place."""

TERM_COLUMNS: Final = tuple(TermEntry.model_fields)

_MAX_DEPTH = 8
_N_SIMILAR = 3


@dataclass(frozen=True, slots=True)
class Merged(Generic[Content]):
    """A merged file.

    Attributes:
        content: The file; of one with problems, the installed one.
        problems: Everything that is not allowed, with file and line.
    """

    content: Content
    problems: list[InputError] = field(default_factory=list)

    def checked(self) -> Content:
        """Return the content.

        Raises:
            InputError: The first problem, if there is one.
        """
        if self.problems:
            raise self.problems[0]
        return self.content


def merge_yaml(
    installed: Model,
    name: str,
    language: str,
    project: ProjectLexicon | None,
    *,
    check: Check[Model] | None = None,
) -> Merged[Model]:
    """Merge what a project says into an installed YAML file.

    Args:
        installed: The installed file.
        name: Such as `actions.yaml`.
        language: Its language; nothing for a file of all languages.
        project: The project's own words, if there are any.
        check: Yields what else is not allowed in the merged file, with its place.
    """
    if project is None or (project.file(name, language) is None and not _removes(project, name, language)):
        return Merged(installed)
    merge = _Merge()
    data = installed.model_dump(by_alias=True)
    for file, node in _removals(project, name, language, merge):
        before = _names_of_parts(data)
        merge.remove(data, node, (), file)
        _forget(data, before)
    own = project.file(name, language)
    added = None if own is None else merge.compose(own)
    if own is not None and added is not None:
        data = merge.add(data, added, (), own)
    if merge.problems:
        return Merged(installed, merge.problems)
    try:
        merged = type(installed).model_validate(data)
    except ValidationError as error:
        return Merged(installed, [merge.locate(*found) for found in describe_problems(error, type(installed))])
    others = [] if check is None else [merge.locate(*found) for found in check(merged)]
    return Merged(installed if others else merged, others)


def merge_terms(
    installed: Mapping[str, TermEntry], language: str, project: ProjectLexicon, ignored: Collection[str]
) -> Merged[Mapping[str, TermEntry]]:
    """Merge a project's rows into the installed terms, by lemma.

    A row for an installed term replaces its values; its forms are added. A form that the project gives to a term is
    taken from the term that has it.

    Args:
        installed: The installed terms.
        language: Their language.
        project: The project's own words.
        ignored: Phrases that are passed over.
    """
    merge = _Merge()
    terms = dict(installed)
    for file, node in _removals(project, TERMS_FILE, language, merge):
        merge.remove(terms, node, (), file)
    own = project.file(TERMS_FILE, language)
    if own is not None:
        rows = _TermRows(own, terms, ignored, merge.problems)
        terms = rows.merged()
    return Merged(installed if merge.problems else terms, merge.problems)


class Word(NamedTuple):
    """A key or a value in a YAML file.

    Attributes:
        path: Where it stands.
        text: The word as it is written.
        line: 1-based.
        is_key: Whether it is a key.
    """

    path: Path
    text: str
    line: int
    is_key: bool


def compose_words(node: yaml.Node, path: Path = ()) -> Iterator[Word]:
    """Yield all keys and values of a YAML file in its order."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield Word((*path, key.value), key.value, _line(key), is_key=True)
            yield from compose_words(value, (*path, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from compose_words(value, (*path, str(number)))
    else:
        yield Word(path, node.value, _line(node), is_key=False)


def read_rows(content: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line and the cells of each row of a CSV file, the header first; lines that begin with # are none."""
    numbered = [
        (number, line) for number, line in enumerate(content.splitlines(keepends=True), 1) if not line.startswith("#")
    ]
    reader = csv.reader(line for _, line in numbered)
    first = 0
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield numbered[first][0], [cell.strip() for cell in cells]
        first = reader.line_num


def split_forms(cell: str) -> list[str]:
    """Return the forms in a cell, which | parts."""
    return [form.strip() for form in cell.split("|") if form.strip()]


class _Place(NamedTuple):
    path: Path
    word: str
    file: ProjectFile
    line: int


class _Merge:
    """Merges nodes of YAML into data, and remembers the line of everything."""

    def __init__(self) -> None:
        self.problems: list[InputError] = []
        self._places: list[_Place] = []

    def compose(self, file: ProjectFile) -> yaml.MappingNode | None:
        """Return the content of a YAML file; None if it is empty or not as it must be."""
        node, problem = _compose(file)
        if problem is not None:
            self.problems.append(problem)
        return node

    def add(self, base: Any, node: yaml.Node, path: Path, file: ProjectFile) -> Any:
        """Return data with what a node adds to it."""
        if isinstance(node, yaml.MappingNode):
            return self._add_keys(base if isinstance(base, dict) else {}, node, path, file)
        if isinstance(node, yaml.SequenceNode):
            return self._add_items(list(base) if isinstance(base, list | tuple) else [], node, path, file)
        self._places.append(_Place(path, node.value, file, _line(node)))
        return node.value

    def remove(self, base: Any, node: yaml.Node, path: Path, file: ProjectFile) -> None:
        """Remove from data what a node names: keys of a mapping, and items of a list with their alternatives."""
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if not isinstance(base, dict) or (known := _key_of(base, key.value)) is None:
                    self._refuse_removal(base, key, path, file)
                else:
                    self.remove(base[known], value, (*path, str(known)), file)
            return
        for item in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            if not isinstance(item, yaml.ScalarNode):
                self._refuse(item, path, "names what is removed as a list of words", file)
            elif isinstance(base, dict) and (known := _key_of(base, item.value)) is not None:
                del base[known]
                self._places.append(_Place((*path, str(known)), item.value, file, _line(item)))
            elif not isinstance(base, list) or not _remove_words(base, item.value):
                self._refuse_removal(base, item, path, file)

    def locate(self, path: Path, problem: str) -> InputError:
        """Return a problem of merged data with the file and line that it comes from."""
        above = [place for place in self._places if path[: len(place.path)] == place.path]
        nearest = max(above, key=lambda place: len(place.path), default=None)
        inside = () if nearest is None else nearest.path
        for place in self._places:
            if place.path[: len(inside)] == inside and len(place.path) > len(inside) and repr(place.word) in problem:
                return InputError(place.file.path, problem, place.line)
        if nearest is not None:
            return InputError(nearest.file.path, problem, nearest.line)
        return InputError(self._places[0].file.path, problem)

    def _add_keys(self, base: dict[Any, Any], node: yaml.MappingNode, path: Path, file: ProjectFile) -> Any:
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = _line(key)
            if seen.setdefault(key.value, line) != line:
                self._refuse(key, path, f"{quote(key.value)} is on line {seen[key.value]} already", file)
            known = _key_of(base, key.value)
            inner = (*path, key.value)
            self._places.append(_Place(inner, key.value, file, line))
            base[key.value if known is None else known] = self.add(base.get(known), value, inner, file)
        return base

    def _add_items(self, base: list[Any], node: yaml.SequenceNode, path: Path, file: ProjectFile) -> Any:
        if base and all(isinstance(item, list) for item in base):  # Lists in an order, such as levels of certainty.
            if len(node.value) != len(base):
                self._refuse(node, path, f"has {len(base)} lists; give as many, [] for one that stays as it is", file)
                return base
            pairs = enumerate(zip(base, node.value, strict=True))
            return [self.add(item, value, (*path, str(place)), file) for place, (item, value) in pairs]
        for value in node.value:
            item = self.add(None, value, (*path, str(len(base))), file)
            if item not in base:
                base.append(item)
        return base

    def _refuse(self, node: yaml.Node, path: Path, problem: str, file: ProjectFile) -> None:
        where = f"{'.'.join(path)}: " if path else ""
        self.problems.append(InputError(file.path, f"{where}{problem}", _line(node)))

    def _refuse_removal(self, base: Any, node: yaml.Node, path: Path, file: ProjectFile) -> None:
        known = list(map(str, base)) if isinstance(base, dict | list) else []
        problem = f"{quote(node.value)} is not there, so it cannot be removed{_similar(node.value, known)}"
        self._refuse(node, path, problem, file)


class _TermRows:
    """The rows of a project's `emotions.csv`."""

    def __init__(
        self,
        file: ProjectFile,
        terms: Mapping[str, TermEntry],
        ignored: Collection[str],
        problems: list[InputError],
    ) -> None:
        self._file = file
        self._ignored = ignored
        self._terms = dict(terms)
        self._problems = problems
        self._owners = {form: term for term, entry in terms.items() for form in (term, *entry.forms)}
        self._lines: dict[str, int] = {}

    def merged(self) -> dict[str, TermEntry]:
        """Return the terms with those of the rows; problems are noted."""
        try:
            rows = list(read_rows(self._file.content))
        except csv.Error as error:
            self._problems.append(InputError(self._file.path, f"not CSV: {error}"))
            return self._terms
        if not rows:
            self._refuse(1, f"has no header; its first line names the columns: {','.join(TERM_COLUMNS)}")
            return self._terms
        (line, header), *others = rows
        if self._is_header(line, header):
            for number, cells in others:
                if len(cells) > len(header):
                    problem = f"has {len(cells)} cells, but the header names {len(header)}; quote a cell with a comma"
                    self._refuse(number, problem)
                else:
                    self._add(number, dict(zip(header, cells, strict=False)))
        return self._terms

    def _is_header(self, line: int, header: Sequence[str]) -> bool:
        allowed = ", ".join(TERM_COLUMNS)
        for name in header:
            if name not in TERM_COLUMNS or header.count(name) > 1:
                problem = "is there twice" if name in TERM_COLUMNS else f"is unknown; use some of {allowed}"
                self._refuse(line, f"column {quote(name)} {problem}")
                return False
        if "term" not in header:
            self._refuse(line, f"has no column 'term'; the first line names the columns: {allowed}")
        return "term" in header

    def _add(self, line: int, row: Mapping[str, str]) -> None:
        given = {name: cell for name, cell in row.items() if cell and name != "forms"}
        term = given.get("term", "").lower()
        forms = [form.lower() for form in split_forms(row.get("forms", ""))]
        before = self._terms.get(term)
        values = {} if before is None else before.model_dump()
        kept = [] if before is None else before.forms
        values |= given | {"term": term, "forms": list(dict.fromkeys([*kept, *forms]))}
        try:
            entry = TermEntry.model_validate(values)
        except ValidationError as error:
            for _, problem in describe_problems(error, TermEntry):
                self._refuse(line, problem)
            return
        if self._may_take(line, (term, *forms), term):
            self._terms[term] = entry
            self._owners |= dict.fromkeys((term, *entry.forms), term)

    def _may_take(self, line: int, forms: Sequence[str], term: str) -> bool:
        """Take forms from the installed terms that have them; a lemma of another term, or of a row, is refused."""
        for form in forms:
            if form in self._ignored:
                problem = "is passed over, because `ignore` of terms.yaml has it; remove it there first"
                self._refuse(line, f"{quote(form)} {problem}")
                return False
            if form in self._lines:
                self._refuse(line, f"{quote(form)} is on line {self._lines[form]} already; list a form once")
                return False
            owner = self._owners.get(form, term)
            if owner != term and owner == form:
                self._refuse(
                    line, f"{quote(form)} is a term of its own; name it in {REMOVE_FILE}, or leave the form out"
                )
                return False
            if owner != term:
                entry = self._terms[owner]
                remaining = [other for other in entry.forms if other != form]
                self._terms[owner] = entry.model_copy(update={"forms": remaining})
        self._lines |= dict.fromkeys(forms, line)
        return True

    def _refuse(self, line: int, problem: str) -> None:
        self._problems.append(InputError(self._file.path, problem, line))


def removal_problems(project: ProjectLexicon, language: str) -> Iterator[InputError]:
    """Yield what is not allowed at the top of the `remove.yaml` of a language: a name that is none of a file."""
    for file in project.files:
        if (file.name, file.language) == (REMOVE_FILE, language):
            node, problem = _compose(file)
            if problem is not None:
                yield problem
            removable = [_stem(name) for name in (*LANGUAGE_FILES, *SHARED_FILES) if name in _REMOVABLE]
            for key, _ in () if node is None else node.value:
                if key.value not in removable:
                    problem_of_key = f"{quote(key.value)} is no file of the lexicon; use one of {', '.join(removable)}"
                    yield InputError(file.path, problem_of_key, _line(key))


_REMOVABLE = frozenset((*LANGUAGE_FILES, *SHARED_FILES)) - {REMOVE_FILE, "category_words.yaml"}


def _stem(name: str) -> str:
    return name.partition(".")[0]


def _removes(project: ProjectLexicon, name: str, language: str) -> bool:
    return next(_removals(project, name, language, _Merge()), None) is not None


def _removals(
    project: ProjectLexicon, name: str, language: str, merge: _Merge
) -> Iterator[tuple[ProjectFile, yaml.Node]]:
    """Yield what the project removes from a file; from one of all languages, what any `remove.yaml` says."""
    for file in project.files:
        if file.name == REMOVE_FILE and (not language or file.language == language):
            node = merge.compose(file)
            for key, value in () if node is None else node.value:
                if key.value == _stem(name):
                    yield file, value


@lru_cache
def _compose(file: ProjectFile) -> tuple[yaml.MappingNode | None, InputError | None]:
    try:
        for token in yaml.scan(file.content, Loader=YAML_LOADER):
            if isinstance(token, yaml.AliasToken | yaml.AnchorToken):
                problem = "& and * at the start of a word mean something else in YAML; put the word in quotes"
                return None, InputError(file.path, problem, token.start_mark.line + 1)
        node = yaml.compose(file.content, Loader=YAML_LOADER)
    except yaml.MarkedYAMLError as error:
        line = None if error.problem_mark is None else error.problem_mark.line + 1
        return None, InputError(file.path, f"not YAML: {error.problem}", line)
    except yaml.YAMLError as error:
        return None, InputError(file.path, f"not YAML: {' '.join(str(error).split())}")
    if node is None:
        return None, None
    if not isinstance(node, yaml.MappingNode):
        return None, InputError(file.path, "holds no keys; write KEY: VALUE", _line(node))
    if (deep := _find_deep(node)) is not None:
        return None, InputError(file.path, "nests too deeply", _line(deep))
    return node, None


def _find_deep(node: yaml.Node, depth: int = 0) -> yaml.Node | None:
    """Return what nests deeper than any file of a lexicon, or a key that is no word."""
    if depth > _MAX_DEPTH:
        return node
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                return node
            if (deep := _find_deep(value, depth + 1)) is not None:
                return deep
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            if (deep := _find_deep(value, depth + 1)) is not None:
                return deep
    return None


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _key_of(base: Mapping[Any, Any], word: str) -> Any:
    """Return the key that a word names; keys may be numbers. None if there is none."""
    return word if word in base else next((key for key in base if str(key) == word), None)


def _remove_words(base: list[Any], phrase: str) -> bool:
    """Remove a phrase with its alternatives from a list; tell whether all were there."""
    try:
        named = [phrase] if phrase in base else expand_alternatives([phrase])
    except ValueError:
        return False
    listed = {str(item): item for item in base}
    if not named or not listed.keys() >= set(named):
        return False
    for word in named:
        base.remove(listed[word])
    return True


def _similar(word: str, known: Collection[str]) -> str:
    found = get_close_matches(word, known, _N_SIMILAR)
    return f"; similar: {', '.join(found)}" if found else ""


def _names_of_parts(data: Mapping[str, Any]) -> dict[str, set[str]]:
    return {key: set(data[key]) for key in ("parts", "motions", "actions") if isinstance(data.get(key), dict)}


def _forget(data: dict[str, Any], before: Mapping[str, set[str]]) -> None:
    """Remove from `actions.yaml` what refers to a part, motion or action that is removed."""
    gone = {key: names - data.get(key, {}).keys() for key, names in before.items()}
    if not any(gone.values()) or gone.keys() != {"parts", "motions", "actions"}:
        return
    parts, motions, actions = gone["parts"], gone["motions"], gone["actions"]

    def remaining(frames: Mapping[str, list[str]]) -> dict[str, list[str]]:
        kept = {part: [motion for motion in moved if motion not in motions] for part, moved in frames.items()}
        return {part: moved for part, moved in kept.items() if moved and part not in parts}

    for entry in data["actions"].values():
        entry["frames"] = remaining(entry["frames"])
    data["adjacent_only"] = remaining(data["adjacent_only"])
    data["transparent"] = [part for part in data["transparent"] if part not in parts]
    data["overrides"] = {
        action: [other for other in others if other not in actions]
        for action, others in data["overrides"].items()
        if action not in actions
    }
