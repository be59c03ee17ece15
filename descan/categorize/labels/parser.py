"""The label of a classify answer, or the reason why there is none."""

import re
from collections.abc import Iterator, Mapping, Sequence

from descan.categorize.labels.category_names import MARKUP, NameFinder, NameHit
from descan.categorize.labels.cues import load_label_patterns
from descan.categorize.labels.listings import ListingReader
from descan.categorize.labels.marked_answers import MarkedAnswer, find_marked_answers
from descan.categorize.labels.ratings import read_ratings
from descan.categorize.labels.reply_cues import load_reply_cues
from descan.categorize.labels.reply_text import drop_markup, drop_thinking, join_spaced_out, plain_characters
from descan.categorize.labels.statements import (
    AMBIGUOUS,
    UNPARSED,
    UNPARSED_PROSE,
    Statement,
    only_label,
    split_statements,
)
from descan.corpus.spellings import CategoryNames
from descan.emotions import CategorySet
from descan.lexicon import ProjectLexicon, load_category_set, load_lexicon, load_thinking_finder, lower_case
from descan.records import DEFAULT_LANGUAGE, Label

_UNCHECKED = re.compile(r"^[ \t]*(?:[-*+][ \t]+)?\[ \][^\n\[\]]*$", re.MULTILINE)
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+(?:['’/-][^\W\d_]+)*")
_CLAUSE_END = re.compile(r"[.;:!?,()|\u2013\u2014-]")
_SENTENCE_MARKS = (".", "!", "?")
_N_WORDS_SHORT = 40
_N_WORDS_NAME = 3
_N_WORDS_SENTENCE = 10
_MAX_CORRECTIONS = 3
_N_BEFORE = 60
_FINAL = 4
_ANSWER_MARKUP = MARKUP + "$\\"

_OFF_LIST = Label(None, "off_list")
_REFUSED = Label(None, "refused")


class LabelParser:
    """Reads labels as a person would; where a person would have to guess, it returns a reason.

    What a model thinks aloud does not count, and a correction outweighs what it corrects. Then the clearest statement
    of a reply counts, in this order: an answer in a tag, a box or JSON, a final answer, another answer with a lead-in,
    scores and ranks, a name alone on a line or in a sentence, a name written as a label in a sentence that decides,
    names written as labels anywhere; in a short reply also a sentence that draws a conclusion, or any name. In long
    prose a lower-case name ("overall, a neutral mood") is a description, not a label. Common words for a category
    ("joy", "angry") count only where a label is expected and nothing else stands there.
    """

    def __init__(
        self,
        aliases: Mapping[str, str],
        language: str = DEFAULT_LANGUAGE,
        categories: CategorySet | None = None,
        project: ProjectLexicon | None = None,
    ) -> None:
        """Prepare the names.

        Args:
            aliases: Spelled label -> category, in addition to the names of the categories and the common words.
            language: Of the replies.
            categories: The category set; the default one if None.
            project: The project's own words.

        Raises:
            InputError: If the project's own words are not as they must be.
            ValueError: If an alias has no letter, means two categories, or its category is unknown.
        """
        self._patterns = load_label_patterns(project)
        categories = categories or load_category_set()
        self._names = NameFinder(CategoryNames(categories, aliases), self._patterns, language)
        self._words = self._names.with_words()
        self._cues = load_reply_cues(language)
        self._thinking = load_thinking_finder(DEFAULT_LANGUAGE, project)
        self._listings = ListingReader(self._names, self._patterns, categories, load_lexicon(DEFAULT_LANGUAGE, project))

    def parse(self, text: str) -> Label:
        """Return the label that a reply names, or the reason why it names none.

        The reason is `refused`, `ambiguous`, `off_list`, `unparsed`, or `unparsed_prose` where the reply asserts an
        emotion in passing, as in "her mood seems sad", without giving it as its label.
        """
        text = join_spaced_out(plain_characters(drop_thinking(text, self._thinking)), self._is_name)
        label = self._read_by_cues(text) or self._read_reply(text)
        is_prose = label == UNPARSED and any(not hit.is_spelled for hit in self._asserted_words(text))
        return UNPARSED_PROSE if is_prose else label

    def _read_by_cues(self, text: str) -> Label | None:
        """Return the label, or the refusal, that the phrases of another language make; None where they make none."""
        if self._cues is None or (put := self._cues.put(text)) == text:
            return None
        label = self._read_reply(put)
        return label if label.label or label == _REFUSED else None

    def _read_reply(self, text: str) -> Label:
        label = self._names.label_of(text)
        if label is not None:
            return Label(label)
        text = self._names.split_glued(text)
        answers = find_marked_answers(text, self._patterns, self._is_name)
        return self._read_marked(text, answers) if answers else self._read_text(text)

    def _is_name(self, text: str) -> bool:
        return self._names.label_of(text) is not None

    def _read_marked(self, text: str, answers: Sequence[MarkedAnswer]) -> Label:
        answers = [answer for answer in answers if not self._is_cued(text, answer, self._patterns.negation)] or answers
        last = answers[-1]
        is_weak = self._is_cued(text, last, self._patterns.weak)
        if (revised := self._read_revision(text[last.end :], is_weak=is_weak)) is not None:
            return revised
        labels = [_unite([self._read_text(part) for part in answer.texts]) for answer in answers]
        if len(answers) > 1 and _LETTER.search(text, answers[-2].end, answers[-1].start):
            return labels[-1]
        label = _unite(labels)
        return _REFUSED if label == UNPARSED and self._patterns.refusal.search(lower_case(text)) else label

    def _is_cued(self, text: str, answer: MarkedAnswer, cue: re.Pattern[str]) -> bool:
        before = lower_case(text[max(0, answer.start - _N_BEFORE) : answer.start]).rstrip(_ANSWER_MARKUP)
        return any(match.groupdict().get("cue", "cue") and match.end() == len(before) for match in cue.finditer(before))

    def _read_revision(self, behind: str, *, is_weak: bool) -> Label | None:
        """Return the label by which the prose behind a marked answer replaces it, if it does."""
        if not _LETTER.search(behind):
            return None
        prose = drop_markup(behind, self._is_name)
        if (corrected := self._read_correction(prose, is_first=True)) is not None:
            return corrected
        statements = self._read_statements(prose)
        if is_weak and any(statement.is_strong for statement in statements):
            return self._read_prose(prose)
        explicit = self._read_explicit(statements, finals_only=True)
        return explicit if explicit is not None and explicit.label is not None else None

    def _read_text(self, text: str) -> Label:
        text = _UNCHECKED.sub("", drop_markup(text, self._is_name))
        label = self._names.label_of(text)
        if label is not None:
            return Label(label)
        return self._read_prose(text)

    def _read_prose(self, text: str) -> Label:
        corrected = self._read_correction(text)
        if corrected is not None:
            return corrected
        if (listed := self._listings.read(text)) is not None:
            return listed
        statements = self._read_statements(text)
        if not statements:
            return UNPARSED
        explicit = self._read_explicit(statements)
        if explicit is not None and explicit.label is not None:
            return explicit
        lower = lower_case(text)
        rated = read_ratings(text, lower, self._names.find_words(text), self._patterns)
        if rated is not None:
            return rated
        if explicit == AMBIGUOUS:
            return explicit
        bare = [hit for statement in statements if (hit := self._bare_hit(statement))]
        if any(not hit.is_weak for hit in bare) or (bare and not any(map(_is_spelled_out, statements))):
            return only_label(bare)
        return explicit or self._read_decision(text, statements)

    def _read_correction(self, text: str, *, is_first: bool = False) -> Label | None:
        """Return the label behind the last words that take something back, if there is one."""
        lower = lower_case(text)
        matches = list(self._patterns.correction.finditer(lower))
        for match in reversed(matches[-_MAX_CORRECTIONS:]):
            before = text[: match.start()]
            if not is_first and not self._names.find(before):
                return None
            behind = text[match.end() :]
            if any(statement.is_strong for statement in self._read_statements(behind)):
                return self._read_prose(behind)
        return None

    def _read_statements(self, text: str) -> list[Statement]:
        statements = []
        for line in text.splitlines():
            is_aside = self._patterns.aside.match(lower_case(line)) is not None
            for part in split_statements(line):
                statement = self._read_statement(part)
                if is_aside:
                    statement.weaken()
                statements.append(statement)
        for statement, following in zip(statements, [*statements[1:], None], strict=False):
            if statement.hits and statement.is_question and not self._is_confirmed(statement, statements, following):
                statement.deny()
            elif statement.hits and statement.is_exclamation and following is not None:
                statement.weaken()
        return statements

    def _is_confirmed(self, question: Statement, statements: Sequence[Statement], following: Statement | None) -> bool:
        if len(statements) == 1:
            return self._names.find_bare(question.text) is not None
        level = None if following is None else self._patterns.level_of(following.text.strip(MARKUP))
        return level is not None and level > 0

    def _read_statement(self, text: str) -> Statement:
        return Statement(text, self._names, self._patterns)

    def _read_explicit(self, statements: Sequence[Statement], *, finals_only: bool = False) -> Label | None:
        """Return the label behind the strongest kind of lead-in, or None without any."""
        labels: dict[int, list[Label]] = {}
        for statement, following in zip(statements, [*statements[1:], None], strict=False):
            for lead, rest in self._read_leads(statement, following):
                label = self._read_rest(rest, is_ranking=lead["ranking"] is not None)
                strength = self._strength_of(lead, is_bare=self._names.find_bare(rest) is not None)
                if label is not None and strength:
                    labels.setdefault(strength, []).append(label)
        if _FINAL in labels:
            return labels[_FINAL][-1]
        return _unite(labels[max(labels)]) if labels and not finals_only else None

    def _read_leads(self, statement: Statement, following: Statement | None) -> Iterator[tuple[re.Match[str], str]]:
        """Yield the lead-ins of a statement with the text up to the next; behind a heading, the next statement."""
        leads = self._find_leads(statement)
        ends = [*(lead.start() for lead in leads[1:]), len(statement.text)]
        for lead, end in zip(leads, ends, strict=False):
            rest = statement.text[lead.end() : end]
            if rest.strip(MARKUP) or end < len(statement.text) or following is None:
                yield lead, rest
            elif not self._find_leads(following):
                yield lead, following.text

    def _strength_of(self, lead: re.Match[str], *, is_bare: bool) -> int:
        """Return how strongly a lead-in says that its label is the answer; 0 if it does not."""
        is_verb = lead.end() < len(lead.string) and lead[0][-1].isalpha()
        # In prose, a verb may begin a description: "the primary emotion is a mix of fear and anger".
        if lead["other"] or (is_verb and not is_bare):
            return 0
        if lead["final"] or lead["revised"]:
            return _FINAL
        if not is_bare:
            return 1
        return 2 if self._is_modified(lead.string[: lead.start()]) else 3

    def _is_modified(self, before: str) -> bool:
        """Return whether a word of unknown meaning stands right before a lead-in, as in "Backup answer: Sad"."""
        clause = _CLAUSE_END.split(before)[-1].strip(MARKUP)
        article = self._patterns.article.match(f"{clause} ")
        return bool(clause[article.end() :] if article else clause)

    def _find_leads(self, statement: Statement) -> list[re.Match[str]]:
        lower = statement.lower
        if lower.endswith(_SENTENCE_MARKS) and not self._patterns.lead_end.search(lower):
            return []
        return list(self._patterns.lead.finditer(lower))

    def _read_rest(self, text: str, *, is_ranking: bool) -> Label | None:
        statement = self._read_statement(text)
        if statement.asserted and is_ranking:
            return Label(statement.asserted[0].label)
        if statement.asserted:
            rated = read_ratings(statement.text, statement.lower, statement.hits, self._patterns)
            return rated or statement.narrow_label()
        return None if statement.hits else self._read_another(text, _N_WORDS_NAME)

    def _bare_hit(self, statement: Statement) -> NameHit | None:
        if not statement.hits:
            return None
        opener = self._patterns.opener.match(statement.lower)
        bare = self._names.find_bare(statement.text[opener.end() if opener else 0 :])
        if bare is None and ":" in statement.text:
            bare = self._names.find_bare(statement.text.rpartition(":")[2])
        if bare is None:
            return None
        strong = [hit for hit in statement.asserted if not hit.is_weak]
        labels = {hit.label for hit in strong or statement.asserted}
        return bare._replace(is_weak=not strong) if labels == {bare.label} else None

    def _read_decision(self, text: str, statements: Sequence[Statement]) -> Label:
        named = [statement for statement in statements if statement.hits]
        decisive = [statement for statement in named if statement.spelled and statement.is_decisive]
        if decisive:
            return _last_clear(decisive)
        if spelled := [hit for statement in named for hit in statement.spelled]:
            label = only_label(spelled)
            return _REFUSED if label == AMBIGUOUS and any(map(self._is_refusal, statements)) else label
        is_short = len(text.split(None, _N_WORDS_SHORT)) <= _N_WORDS_SHORT
        decisive = [statement for statement in named if is_short and statement.asserted and statement.is_decisive]
        if decisive:
            return _last_clear(decisive)
        if any(map(self._is_refusal, statements)):
            return _REFUSED
        if is_short and (hits := [hit for statement in named for hit in statement.asserted]):
            return only_label(hits)
        if any(statement.asserted for statement in named):
            return UNPARSED
        return self._read_last(statements) or (UNPARSED if named else self._read_words(text))

    def _read_words(self, text: str) -> Label:
        """Return the label of a short sentence that has a common word for a category: "She feels surprised"."""
        if len(text.split(None, _N_WORDS_SENTENCE)) > _N_WORDS_SENTENCE:
            return UNPARSED
        hits = self._asserted_words(text)
        return only_label(hits) if hits else UNPARSED

    def _asserted_words(self, text: str) -> list[NameHit]:
        """Return the names of categories, and the common words for them, that a text asserts."""
        statements = [Statement(part, self._words, self._patterns) for part in split_statements(text)]
        said = [this for this in statements if not (this.is_question or self._patterns.writer.match(this.lower))]
        return [hit for statement in said for hit in statement.asserted]

    def _is_refusal(self, statement: Statement) -> bool:
        # "Sad cannot be the answer" says so of the name.
        ends = {
            len(statement.lower[: match.start()].rstrip(MARKUP))
            for match in self._patterns.refusal.finditer(statement.lower)
        }
        return bool(ends - {hit.end for hit in statement.hits})

    def _read_last(self, statements: Sequence[Statement]) -> Label | None:
        """Return what the last statement names, where no statement has the name of a category."""
        last = statements[-1]
        if last.hits:
            return None
        if len(statements) > 1:
            return self._read_another(last.text, 1) if last.text.lstrip(MARKUP)[:1].isupper() else None
        rest = last.text
        for match in self._patterns.verdict.finditer(last.lower):
            rest = last.text[match.end() :]
        return self._read_another(rest, _N_WORDS_NAME if rest is last.text else _N_WORDS_NAME - 1)

    def _read_another(self, text: str, n_words: int) -> Label | None:
        """Return the label of a common word for a category, `off_list` for another name, None if it is no name."""
        bare = self._names.find_bare(text)
        if bare is not None:
            return Label(bare.label)
        name = text.strip(MARKUP)
        if article := self._patterns.article.match(lower_case(name)):
            label = self._names.label_of(name[article.end() :])
            if label is not None:
                return Label(label)
        return _OFF_LIST if self._is_off_list(text, n_words) else None

    def _is_off_list(self, text: str, n_words: int) -> bool:
        name = text.strip(MARKUP)
        if article := self._patterns.article.match(lower_case(name)):
            name = name[article.end() :]
        words = name.split(None, n_words)
        if not 0 < len(words) <= n_words:
            return False
        return all(_WORD.fullmatch(word) and word.casefold() not in self._patterns.no_answers for word in words)


def _is_spelled_out(statement: Statement) -> bool:
    return any(hit.is_spelled and not hit.is_weak for hit in statement.asserted)


def _last_clear(statements: Sequence[Statement]) -> Label:
    clear = [label for this in statements if this.is_strong and (label := this.narrow_label()) != AMBIGUOUS]
    return clear[-1] if clear else statements[-1].narrow_label()


def _unite(labels: Sequence[Label]) -> Label:
    found = {label.label for label in labels if label.label is not None}
    if AMBIGUOUS in labels or len(found) > 1:
        return AMBIGUOUS
    if found:
        return Label(found.pop())
    return next((reason for reason in (_REFUSED, _OFF_LIST) if reason in labels), UNPARSED)
