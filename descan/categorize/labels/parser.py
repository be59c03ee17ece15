"""The label of a classify answer, or the reason why there is none."""

import re
from collections.abc import Mapping, Sequence

from descan.categorize.labels.category_names import MARKUP, NameFinder, NameHit
from descan.categorize.labels.cues import load_label_patterns, lower_case
from descan.categorize.labels.json_replies import find_json_answers
from descan.categorize.labels.statements import AMBIGUOUS, Statement, only_label, split_statements
from descan.records import Label

_UNCHECKED = r"^[ \t]*(?:[-*+][ \t]+)?\[ \][^\n]*$"
_NO_ANSWER = re.compile(rf"<think>(?:.*?</think>|(?P<unclosed>.*))|{_UNCHECKED}", re.DOTALL | re.MULTILINE)
"""Text in which a model thinks aloud, and boxes that it left unchecked; an unclosed `<think>` goes on to the end."""

_WORD = re.compile(r"[^\W\d_]+(?:['’/-][^\W\d_]+)*")
_LIST_MARKUP = MARKUP.replace("[", "")
_SENTENCE_MARKS = (".", "!", "?")
_N_WORDS_SHORT = 40
_N_WORDS_NAME = 3

_OFF_LIST = Label(None, "off_list")
_REFUSED = Label(None, "refused")
_UNPARSED = Label(None, "unparsed")


class LabelParser:
    """Reads labels as a person would; where a person would have to guess, it returns a reason.

    The clearest statement of a reply counts, in this order: JSON, a final answer, a name alone on a
    line or in a sentence, a name written as a label in a sentence that decides, names written as
    labels anywhere; in a short reply also a sentence that draws a conclusion, or any name. In long prose
    a lower-case name ("overall, a neutral mood") is a description, not a label.
    """

    def __init__(self, aliases: Mapping[str, str]) -> None:
        """Prepare the names.

        Args:
            aliases: Spelled label -> category, in addition to the names of the categories.

        Raises:
            ValueError: If an alias has no letter, means two categories, or its category is unknown.
        """
        self._patterns = load_label_patterns()
        self._names = NameFinder(aliases, self._patterns)

    def parse(self, text: str) -> Label:
        """Return the label that a reply names, or the reason `refused`, `ambiguous`, `off_list` or `unparsed`."""
        if "<think>" in text or "[ ]" in text:
            text = _NO_ANSWER.sub(_drop_unchecked, text)
        label = self._names.label_of(text)
        if label is not None:
            return Label(label)
        if "{" in text or text.lstrip(_LIST_MARKUP).startswith("["):
            answers = find_json_answers(text, self._patterns, self._is_name)
            if answers is not None:
                return _unite([self._read_json_answer(answer) for answer in answers])
        return self._read_prose(text)

    def _is_name(self, text: str) -> bool:
        return self._names.label_of(text) is not None

    def _read_json_answer(self, text: str) -> Label:
        label = self._names.label_of(text)
        return self._read_prose(text) if label is None else Label(label)

    def _read_prose(self, text: str) -> Label:
        statements = [self._read_statement(part) for part in split_statements(text)]
        if not statements:
            return _UNPARSED
        if len(statements) > 1:
            for statement in statements:
                statement.drop_question()
        explicit = self._read_explicit(statements)
        if explicit is not None and explicit.reason != "off_list":
            return explicit
        bare = {hit.label for statement in statements if (hit := self._bare_hit(statement))}
        if bare:
            return only_label(bare)
        return explicit or self._read_decision(text, statements)

    def _read_statement(self, text: str) -> Statement:
        return Statement(text, self._names, self._patterns)

    def _read_explicit(self, statements: Sequence[Statement]) -> Label | None:
        finals: list[Label] = []
        names: list[Label] = []
        others: list[Label] = []
        for statement, following in zip(statements, [*statements[1:], None], strict=True):
            match = self._find_lead(statement)
            if match is None:
                continue
            rest = statement.text[match.end() :]
            if not rest.strip(MARKUP) and following is not None:
                rest = following.text
            label = self._read_rest(rest)
            if label is not None:
                (finals if match["final"] else names if self._names.find_bare(rest) else others).append(label)
        return _unite(finals[-1:] or names or others) if finals or names or others else None

    def _find_lead(self, statement: Statement) -> re.Match[str] | None:
        lower = statement.lower
        # A lead-in has a colon or ends the statement; most sentences of prose have no colon and end in a full stop.
        if lower.endswith(_SENTENCE_MARKS) and ":" not in lower and "=" not in lower:
            return None
        return self._patterns.lead.search(lower)

    def _read_rest(self, text: str) -> Label | None:
        statement = self._read_statement(text)
        if statement.asserted:
            return statement.narrow_label()
        return _OFF_LIST if not statement.hits and self._is_off_list(text, _N_WORDS_NAME) else None

    def _bare_hit(self, statement: Statement) -> NameHit | None:
        if not statement.hits or (bare := self._names.find_bare(statement.text)) is None:
            return None
        labels = {hit.label for hit in statement.asserted}
        return bare if labels == {bare.label} else None

    def _read_decision(self, text: str, statements: Sequence[Statement]) -> Label:
        named = [statement for statement in statements if statement.hits]
        for statement in reversed(named):
            if statement.spelled and statement.is_decisive:
                return statement.narrow_label()
        if spelled := {hit.label for statement in named for hit in statement.spelled}:
            return only_label(spelled)
        is_short = len(text.split(None, _N_WORDS_SHORT)) <= _N_WORDS_SHORT
        for statement in reversed(named if is_short else ()):
            if statement.asserted and statement.is_decisive:
                return statement.narrow_label()
        if self._patterns.refusal.search(lower_case(text)):
            return _REFUSED
        if is_short and (labels := {hit.label for statement in named for hit in statement.asserted}):
            return only_label(labels)
        is_other = self._names_another(statements) and not any(statement.asserted for statement in named)
        return _OFF_LIST if is_other else _UNPARSED

    def _names_another(self, statements: Sequence[Statement]) -> bool:
        last = statements[-1]
        if last.hits:
            return False
        if len(statements) > 1:
            return self._is_off_list(last.text, 1) and last.text.lstrip(MARKUP)[:1].isupper()
        rest = last.text
        for match in self._patterns.verdict.finditer(last.lower):
            rest = last.text[match.end() :]
        return self._is_off_list(rest, _N_WORDS_NAME if rest is last.text else _N_WORDS_NAME - 1)

    def _is_off_list(self, text: str, n_words: int) -> bool:
        name = text.strip(MARKUP)
        if article := self._patterns.article.match(lower_case(name)):
            name = name[article.end() :]
        words = name.split(None, n_words)
        if not 0 < len(words) <= n_words:
            return False
        return all(_WORD.fullmatch(word) and word.casefold() not in self._patterns.no_answers for word in words)


def _drop_unchecked(match: re.Match[str]) -> str:
    return re.sub(_UNCHECKED, "", match[0], flags=re.MULTILINE) if match["unclosed"] is not None else ""


def _unite(labels: Sequence[Label]) -> Label:
    found = {label.label for label in labels if label.label is not None}
    if AMBIGUOUS in labels or len(found) > 1:
        return AMBIGUOUS
    if found:
        return Label(found.pop())
    return next((reason for reason in (_REFUSED, _OFF_LIST) if reason in labels), _UNPARSED)
