"""Questions of mode `decide`: what is asked about one item in one request, and the probabilities that come back.

A model is asked in one of three ways. `decisions`: the provider's API of that name, which gives a probability for each
option. `logprobs`: a reply of words in JSON, whose probabilities are those of its tokens. `schema`: a reply in JSON in
which the model states the probabilities itself.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

Probability = float | None
"""From 0 to 1; None where the model gave none, as where it refuses a question."""

YES, NO = "yes", "no"
EMOTION, EMOTIONS, ACTIONS = "emotion", "emotions", "actions"

_UNITS = re.compile(r"\d+(?:[+/]\d+)*")
_OBJECT = re.compile(r"\{.*\}", re.DOTALL)
_DIGITS = 6


class Way(StrEnum):
    """How a model is asked in mode `decide`."""

    DECISIONS = "decisions"
    LOGPROBS = "logprobs"
    SCHEMA = "schema"


@dataclass(frozen=True, slots=True)
class ActionQuestion:
    """Whether an action can be seen.

    Attributes:
        key: The units of the action (`4`, `1+2`, `25/26/27`), or its name where it has none.
        text: The question, to be answered by yes or no.
    """

    key: str
    text: str

    @property
    def name(self) -> str:
        """What a request calls it: `au_1_2` for `1+2`, since not every provider takes a name with other signs."""
        return f"au_{re.sub(r'[+/]', '_', self.key)}" if _UNITS.fullmatch(self.key) else self.key


@dataclass(frozen=True, slots=True)
class Questions:
    """What is asked about one item.

    Attributes:
        person: Who is meant, in words.
        category: The question about the expression as a whole.
        categories: What it may be.
        actions: The questions about actions.
        schema_reply: How to reply where the model states probabilities, in words.
        logprobs_reply: How to reply where tokens have probabilities.
    """

    person: str
    category: str
    categories: tuple[str, ...]
    actions: tuple[ActionQuestion, ...]
    schema_reply: str
    logprobs_reply: str


@dataclass(frozen=True, slots=True)
class Decide:
    """Questions, and the way in which a model is asked."""

    questions: Questions
    way: Way

    @property
    def message(self) -> str:
        """The text of the request; of `decisions` without the questions, which have fields of their own."""
        asked = self.questions
        if self.way is Way.DECISIONS:
            return asked.person
        listed = "\n".join(f"{question.name}: {question.text}" for question in asked.actions)
        reply = asked.schema_reply if self.way is Way.SCHEMA else asked.logprobs_reply
        return "\n\n".join((asked.person, asked.category, listed, reply))

    @property
    def schema(self) -> dict[str, object]:
        """The JSON schema of the reply, of `schema` and `logprobs`."""
        asked = self.questions
        names = [question.name for question in asked.actions]
        if self.way is Way.SCHEMA:
            share: dict[str, object] = {"type": "number", "minimum": 0, "maximum": 1}
            return _object(
                {
                    EMOTIONS: _object(dict.fromkeys(asked.categories, share)),
                    ACTIONS: _object(dict.fromkeys(names, share)),
                }
            )
        word: dict[str, object] = {"type": "string", "enum": [YES, NO]}
        one = {"type": "string", "enum": list(asked.categories)}
        return _object({EMOTION: one, ACTIONS: _object(dict.fromkeys(names, word))})


def word_decided(
    questions: Questions, emotions: Mapping[str, Probability], actions: Mapping[str, Probability], way: Way
) -> str:
    """Return the text of an answer: `{"emotions": {"Anger": 0.1, ...}, "actions": {"12": 0.9, ...}, "way": "schema"}`.

    Every question has its key; null stands where the model gave no probability.

    Args:
        questions: What was asked.
        emotions: By category.
        actions: By `ActionQuestion.name`.
        way: How the model was asked.
    """
    decided: dict[str, object] = {
        EMOTIONS: {category: _round(emotions.get(category)) for category in questions.categories},
        ACTIONS: {question.key: _round(actions.get(question.name)) for question in questions.actions},
        "way": way.value,
    }
    return json.dumps(decided, ensure_ascii=False)


def read_stated(text: str, questions: Questions) -> str | None:
    """Return the text of an answer from a reply in which a model states probabilities; None if it is no such reply."""
    stated = _parse(text)
    emotions, actions = stated.get(EMOTIONS), stated.get(ACTIONS)
    if not isinstance(emotions, dict) or not isinstance(actions, dict):
        return None
    named = {name: as_probability(value) for name, value in emotions.items()}
    asked = {name: as_probability(value) for name, value in actions.items()}
    for question in questions.actions:
        asked.setdefault(question.name, asked.get(question.key))
    has_any = any(named.get(name) is not None for name in questions.categories)
    has_any = has_any or any(asked[question.name] is not None for question in questions.actions)
    return word_decided(questions, named, asked, Way.SCHEMA) if has_any else None


def read_tokens(tokens: Sequence["Token"], questions: Questions) -> str | None:
    """Return the text of an answer from the tokens of a reply of words; None if it is no such reply.

    A word's probability is that of the token with which it begins, among those that begin any of the words that are
    allowed there. So the first token of each word must tell it from the others; one that does not counts for the word
    that was chosen.
    """
    text = "".join(token.text for token in tokens)
    chosen = _parse(text)
    actions = chosen.get(ACTIONS)
    if not isinstance(actions, dict):
        return None
    emotions: Mapping[str, Probability] = {}
    if (place := _find_value(text, EMOTION, chosen.get(EMOTION))) is not None:
        emotions = _weigh(tokens, place, questions.categories, str(chosen[EMOTION]))
    said: dict[str, Probability] = {}
    for question in questions.actions:
        place = _find_value(text, question.name, actions.get(question.name))
        if place is not None:
            said[question.name] = _weigh(tokens, place, (YES, NO), str(actions[question.name])).get(YES)
    return word_decided(questions, emotions, said, Way.LOGPROBS) if emotions or said else None


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a reply.

    Attributes:
        others: The tokens that could have stood in its place, with the logarithm of the probability of each; it may
            be one of them.
    """

    text: str
    logprob: float
    others: tuple[tuple[str, float], ...]


def as_probability(value: object) -> Probability:
    """Return a number from 0 to 1; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        return None
    return float(value)


def _object(properties: Mapping[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _round(probability: Probability) -> Probability:
    return None if probability is None else round(probability, _DIGITS)


def _parse(text: str) -> dict[str, object]:
    """Return the JSON object in a text, such as one in a fence; an empty one if there is none."""
    found = _OBJECT.search(text)
    try:
        value = json.loads(found[0]) if found else None
    except (ValueError, RecursionError):
        value = None
    return value if isinstance(value, dict) else {}


def _find_value(text: str, name: str, value: object) -> int | None:
    """Return where the word of a field begins in the text of a JSON object, after its quotation mark."""
    if not isinstance(value, str) or not value:
        return None
    found = re.search(rf'"{re.escape(name)}"\s*:\s*"(?={re.escape(value)})', text)
    return found.end() if found else None


def _weigh(tokens: Iterable[Token], place: int, words: Sequence[str], chosen: str) -> dict[str, Probability]:
    """Return the probability of each word at a place of the text, of all that the token there gives these words."""
    start = 0
    for token in tokens:
        if start <= place < start + len(token.text):
            return _share(token, place - start, words, chosen)
        start += len(token.text)
    return {}


def _share(token: Token, n_before: int, words: Sequence[str], chosen: str) -> dict[str, Probability]:
    before, weights = token.text[:n_before], dict.fromkeys(words, 0.0)
    for text, logprob in dict(((token.text, token.logprob), *token.others)).items():
        begun = text[n_before:]
        if not text.startswith(before) or not begun:
            continue
        meant = [word for word in words if word.startswith(begun) or begun.startswith(word)]
        word = meant[0] if len(meant) == 1 else chosen if chosen in meant else None
        if word is not None:
            weights[word] += math.exp(logprob)
    total = sum(weights.values())
    return {word: weight / total for word, weight in weights.items()} if total > 0 else {}
