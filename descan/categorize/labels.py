"""The label of a classify answer, or the reason why it has none."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from descan.categorize.label_cues import load_label_patterns
from descan.categorize.label_json import find_json_answers
from descan.categorize.label_names import MARKUP, NameFinder, NameHit
from descan.records import Label

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[.!?][\"'*)”’])\s+|(?<=[a-z][.!?])(?=[A-Z])")
_BULLET = re.compile(r"\s*(?:(?:[-•>+]|#+|\*(?!\*)|\d{1,2}[.)])\s+)+")
_NO_ANSWER = re.compile(r"<think>.*?</think>|^[ \t]*(?:[-*+][ \t]+)?\[ \][^\n]*$", re.DOTALL | re.MULTILINE)
"""A model's thinking aloud, and boxes that it left unchecked."""

_WORD = re.compile(r"[^\W\d_]+(?:['’/-][^\W\d_]+)*")
_N_WORDS_SHORT = 40
_N_WORDS_NAME = 3
_N_CHARS_STATEMENT = 2000

_AMBIGUOUS = Label(None, "ambiguous")
_OFF_LIST = Label(None, "off_list")
_REFUSED = Label(None, "refused")
_UNPARSED = Label(None, "unparsed")


class LabelParser:
    """Reads labels as a person would, and gives a reason rather than a guess.

    What a reply says most plainly counts, in this order: JSON, a final answer, a name alone on a
    line or in a sentence, a name written as a label in a sentence that decides, names written as
    labels anywhere, and in a short reply a sentence that draws a conclusion or any name. In long prose
    a lower-case name ("overall, a neutral mood") is a description, not a label.
    """

    def __init__(self, aliases: Mapping[str, str]) -> None:
        """Prepare the names.

        Args:
            aliases: Spelled label -> one of the seven, beside the seven names themselves.

        Raises:
            ValueError: If an alias is blank or stands for none of the seven.
        """
        self._patterns = load_label_patterns()
        self._names = NameFinder(aliases, self._patterns)

    def parse(self, text: str) -> Label:
        """Give the label that a reply names, or `refused`, `ambiguous`, `off_list` or `unparsed`."""
        text = _NO_ANSWER.sub("", text)
        label = self._names.label_of(text)
        if label is not None:
            return Label(label)
        if "{" in text or text.lstrip(MARKUP.replace("[", "")).startswith("["):
            answers = find_json_answers(text, self._patterns, self._is_name)
            if answers is not None:
                return _united([self._read_prose(answer) for answer in answers])
        return self._read_prose(text)

    def _is_name(self, text: str) -> bool:
        return self._names.label_of(text) is not None

    def _read_prose(self, text: str) -> Label:
        label = self._names.label_of(text)
        if label is not None:
            return Label(label)
        statements = [self._read_statement(part) for part in _split(text)]
        if not statements:
            return _UNPARSED
        if len(statements) > 1:
            statements = [_unasked(statement) for statement in statements]
        explicit = self._read_explicit(statements)
        if explicit is not None and explicit.reason != "off_list":
            return explicit
        bare = {hit.label for statement in statements if (hit := self._bare_hit(statement))}
        if bare:
            return _one_of(bare)
        if explicit is not None:
            return explicit
        is_refusal = self._patterns.refusal.search(text) is not None
        is_short = len(text.split(None, _N_WORDS_SHORT)) <= _N_WORDS_SHORT
        return self._read_decision(statements, is_short=is_short, is_refusal=is_refusal)

    def _read_statement(self, text: str) -> "_Statement":
        hits = tuple(self._names.find(text))
        asserted = [hit for hit in hits if hit.is_asserted]
        if not asserted:
            return _Statement(text, hits)
        decided = self._decided_hits(text, asserted)
        return _Statement(text, hits, tuple(decided), self._patterns.conclusion.search(text) is not None)

    def _decided_hits(self, text: str, asserted: Sequence[NameHit]) -> list[NameHit]:
        decided: list[NameHit] = []
        for match in self._patterns.verdict.finditer(text):
            end = self._patterns.scope_end.search(text, match.end())
            span = (match.end(), end.start() if end else len(text))
            decided = [hit for hit in asserted if span[0] <= hit.start < span[1]] or decided
        for match in self._patterns.verdict_after.finditer(text):
            decided = [hit for hit in asserted if hit.end <= match.start()][-1:] or decided
        return decided

    def _read_explicit(self, statements: Sequence["_Statement"]) -> Label | None:
        finals: list[Label] = []
        names: list[Label] = []
        others: list[Label] = []
        for statement, following in zip(statements, [*statements[1:], None], strict=True):
            match = self._patterns.lead.search(statement.text)
            if match is None:
                continue
            rest = statement.text[match.end() :]
            if not rest.strip(MARKUP) and following is not None:
                rest = following.text
            label = self._read_rest(rest)
            if label is not None:
                (finals if match["final"] else names if self._names.find_bare(rest) else others).append(label)
        return _united(finals[-1:] or names or others) if finals or names or others else None

    def _read_rest(self, text: str) -> Label | None:
        statement = self._read_statement(text)
        if statement.asserted:
            return statement.narrowed()
        return _OFF_LIST if not statement.hits and self._is_off_list(text, _N_WORDS_NAME) else None

    def _bare_hit(self, statement: "_Statement") -> NameHit | None:
        if not statement.asserted or (bare := self._names.find_bare(statement.text)) is None:
            return None
        has_others = any(hit.label != bare.label for hit in statement.asserted)
        return None if has_others else bare

    def _read_decision(self, statements: Sequence["_Statement"], *, is_short: bool, is_refusal: bool) -> Label:
        asserted = [statement for statement in statements if statement.asserted]
        for statement in reversed(asserted):
            if statement.is_spelled and (statement.is_concluding or statement.decided):
                return statement.narrowed()
        if spelled := {hit.label for statement in asserted for hit in statement.asserted if hit.is_spelled}:
            return _one_of(spelled)
        for statement in reversed(asserted if is_short else ()):
            if statement.is_concluding or statement.decided:
                return statement.narrowed()
        labels = {hit.label for statement in asserted for hit in statement.asserted}
        if is_refusal:
            return _REFUSED
        if labels and is_short:
            return _one_of(labels)
        return _OFF_LIST if not labels and self._names_another(statements) else _UNPARSED

    def _names_another(self, statements: Sequence["_Statement"]) -> bool:
        last = statements[-1]
        if last.hits:
            return False
        if len(statements) > 1:
            return self._is_off_list(last.text, 1) and last.text.lstrip(MARKUP)[:1].isupper()
        rest = last.text
        for match in self._patterns.verdict.finditer(last.text):
            rest = last.text[match.end() :]
        return self._is_off_list(rest, _N_WORDS_NAME if rest is last.text else _N_WORDS_NAME - 1)

    def _is_off_list(self, text: str, n_words: int) -> bool:
        name = text.strip(MARKUP)
        if article := self._patterns.article.match(name):
            name = name[article.end() :]
        words = name.split(None, n_words + 1)
        is_name = all(_WORD.fullmatch(word) and word.casefold() not in self._patterns.no_answers for word in words)
        return is_name and 0 < len(words) <= n_words


@dataclass(frozen=True, slots=True)
class _Statement:
    """A sentence or line of a reply; `decided` are the asserted names that its deciding words govern."""

    text: str
    hits: tuple[NameHit, ...]
    decided: tuple[NameHit, ...] = ()
    is_concluding: bool = False

    @property
    def asserted(self) -> list[NameHit]:
        return [hit for hit in self.hits if hit.is_asserted]

    @property
    def is_spelled(self) -> bool:
        return any(hit.is_spelled for hit in self.asserted)

    def narrowed(self) -> Label:
        """Give the label by the plainest of the names that leaves only one."""
        choices = (
            {hit.label for hit in self.decided if hit.is_spelled},
            {hit.label for hit in self.decided},
            {hit.label for hit in self.asserted if hit.is_spelled},
        )
        for labels in choices:
            if len(labels) == 1:
                return Label(labels.pop())
        return _one_of({hit.label for hit in self.asserted})


def _unasked(statement: _Statement) -> _Statement:
    # "Sad? No." asks and asserts nothing.
    if not statement.hits or not statement.text.rstrip(MARKUP.replace("?", "")).endswith("?"):
        return statement
    return _Statement(statement.text, tuple(replace(hit, is_asserted=False) for hit in statement.hits))


def _split(text: str) -> Iterable[str]:
    for line in text.splitlines():
        bullet = _BULLET.match(line)
        for part in _SENTENCE_END.split(line[bullet.end() :] if bullet else line):
            # Names and cues of a statement are compared pairwise, so a statement must not be endless.
            for start in range(0, len(part), _N_CHARS_STATEMENT):
                piece = part[start : start + _N_CHARS_STATEMENT]
                if piece.strip(MARKUP):
                    yield piece


def _united(labels: Sequence[Label]) -> Label:
    found = {label.label for label in labels if label.label is not None}
    if _AMBIGUOUS in labels or len(found) > 1:
        return _AMBIGUOUS
    if found:
        return Label(found.pop())
    return next((reason for reason in (_REFUSED, _OFF_LIST) if reason in labels), _UNPARSED)


def _one_of(labels: set[str]) -> Label:
    return Label(next(iter(labels))) if len(labels) == 1 else _AMBIGUOUS
