"""The language of a text: by its script first, then by its words, last by a statistical model.

Letters of most scripts are those of one language, or of a few. A text in Latin letters is in a language that descan
reads if the words of that language make up enough of it. Only what is still open is shown to py3langid, a naive Bayes
classifier of byte sequences (Lui & Baldwin 2012: langid.py, an off-the-shelf language identification tool), whose
model is a part of that package. The limits below are set so that none of 3,626 English descriptions, and none of
their 14,400 parts of two to six words, is taken for another language.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Final

from descan.lexicon.files import readable_languages
from descan.lexicon.languages import UNDETERMINED, Script, load_languages
from descan.lexicon.loading import LEXICONS_KEPT, Lexicon, load_lexicon
from descan.lexicon.profiles import load_profile
from descan.lexicon.project import ProjectLexicon

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_LATIN = "Latin"
_LATIN_LETTERS = re.compile(r"[A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff]+")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")

_MIN_FUNCTION_WORDS: Final = 0.2
"""Share of words such as "the" and "with" that is enough by itself; English descriptions have 0.41 in the median."""

_MIN_KNOWN_WORDS: Final = 0.55
"""Share of all words of the lexicon that is enough: "furrowed brows, pressed lips" has no other words."""

_SHORTEST_KNOWN: Final = 4
"""Letters of a word of a lexicon; shorter ones are words of many languages, and do not count."""

_MIN_AMONG: Final = 0.1
"""Share of Kana in a text of Han and Kana from which on it is Japanese, and so on."""

_FEWEST_WORDS: Final = 2
_FEW_WORDS: Final = 4
_MIN_CONFIDENCE: Final = 0.5
_MIN_CONFIDENCE_OF_FEW: Final = 0.75
"""How sure the model must be; of fewer words than `_FEW_WORDS` more so, of fewer than `_FEWEST_WORDS` it never is."""

_MAX_CHARACTERS: Final = 400
"""The beginning of a text, which mostly tells; the model sees no more, for that changes nothing but its time."""


class LanguageFinder:
    """Finds the language of texts."""

    def __init__(
        self,
        scripts: Mapping[str, Script],
        function_words: Mapping[str, frozenset[str]],
        known_words: Mapping[str, frozenset[str]],
    ) -> None:
        """Compile the scripts.

        Args:
            scripts: All but Latin, by name.
            function_words: Of the languages in Latin letters that descan reads.
            known_words: All their words, with those of their lexicons.
        """
        self._scripts = scripts
        self._function_words = function_words
        self._known_words = known_words
        self._short_words = frozenset(chain.from_iterable(function_words.values()))
        classes = {name: _character_class(script) for name, script in scripts.items()}
        self._letters = {name: re.compile(f"[{letters}]+") for name, letters in classes.items()}
        self._not_latin = re.compile(f"[{''.join(classes.values())}]+")

    def find(self, text: str) -> str:
        """Return the ISO 639-1 code of the language that most letters are in, or `und` if the text does not tell."""
        script = self._find_script(text)
        if script == _LATIN:
            return self._find_by_words(text)
        languages = self._scripts[script].languages
        if len(languages) > 1 and (guessed := _guess(text)[0]) in languages:
            return guessed
        return languages[0]

    def _find_script(self, text: str) -> str:
        """Return the script of most letters; Latin if there are none."""
        n_others = 0 if text.isascii() else _count(self._not_latin, text)
        if not n_others or n_others <= _count(_LATIN_LETTERS, text):
            return _LATIN
        counts: dict[str, int] = {}
        for name, letters in self._letters.items():
            counts[name] = _count(letters, text)
            n_others -= counts[name]
            if not n_others:
                break
        for name, n in list(counts.items()):
            among = counts.get(self._scripts[name].among, 0)
            if n >= _MIN_AMONG * (n + among):
                counts[name] += among
        return max(counts, key=lambda name: counts[name])

    def _find_by_words(self, text: str) -> str:
        lower = text.lower()
        for part in (lower[:_MAX_CHARACTERS], lower):  # The beginning mostly tells, and takes less time.
            words = part.split()
            if len(words) >= _FEW_WORDS and (found := _most_of(words, self._function_words, _MIN_FUNCTION_WORDS)):
                return found
        words = _WORD.findall(lower)
        telling = [word for word in words if len(word) >= _SHORTEST_KNOWN or word in self._short_words]
        if found := _most_of(telling, self._known_words, _MIN_KNOWN_WORDS):
            return found
        if len(words) < _FEWEST_WORDS:
            return UNDETERMINED
        guessed, confidence = _guess(text)
        is_sure = confidence >= (_MIN_CONFIDENCE_OF_FEW if len(words) < _FEW_WORDS else _MIN_CONFIDENCE)
        return guessed if is_sure else UNDETERMINED


@lru_cache(maxsize=LEXICONS_KEPT)
def load_language_finder(project: ProjectLexicon | None = None) -> LanguageFinder:
    """Load the finder, which knows the words of the lexicons and a project's own words.

    Raises:
        InputError: If a lexicon file is not as its schema says.
    """
    function_words = {
        language: frozenset(words) for language in readable_languages() if (words := load_profile(language).words)
    }
    known_words = {
        language: words.union(_split(_phrases(load_lexicon(language, project))))
        for language, words in function_words.items()
    }
    return LanguageFinder(load_languages().scripts, function_words, known_words)


def _character_class(script: Script) -> str:
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in script.ranges())


def _count(letters: re.Pattern[str], text: str) -> int:
    return sum(map(len, letters.findall(text)))


def _most_of(words: Sequence[str], lists: Mapping[str, frozenset[str]], min_share: float) -> str:
    """Return the language whose list has the largest share of the words, or nothing if none has enough."""
    counts = {language: sum(map(known.__contains__, words)) for language, known in lists.items()}
    best = max(counts, key=lambda language: counts[language], default="")
    return best if words and best and counts[best] >= min_share * len(words) else ""


def _guess(text: str) -> tuple[str, float]:
    """Return the most probable language and its probability."""
    language, probability = _identifier().classify(text.strip()[:_MAX_CHARACTERS])
    return str(language), float(probability)


@lru_cache(maxsize=1)
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # Its model takes a second to load.

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([label for label in identifier.labels if label in load_languages().names])
    return identifier


def _phrases(lexicon: Lexicon) -> Iterator[str]:
    """Yield the phrases that name emotions, parts of a face and what they do."""
    for term in lexicon.terms.values():
        yield from (term.term, *term.forms)
    actions = lexicon.actions
    yield from chain.from_iterable((*actions.parts.values(), *actions.motions.values()))
    for action in actions.actions.values():
        yield from (*action.words, *action.absent, *action.plain)


def _split(phrases: Iterable[str]) -> Iterator[str]:
    words = chain.from_iterable(_WORD.findall(phrase.lower()) for phrase in phrases)
    return (word for word in words if len(word) >= _SHORTEST_KNOWN)
