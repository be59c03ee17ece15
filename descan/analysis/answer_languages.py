"""The language of each answer, and the one that descan reads it in."""

from collections.abc import Iterator, Sequence

from descan.categorize.labels.reply_text import drop_thinking
from descan.lexicon import (
    UNDETERMINED,
    ProjectLexicon,
    ThinkingFinder,
    load_language_finder,
    load_profile,
    load_thinking_finder,
    readable_languages,
)
from descan.records import DEFAULT_LANGUAGE, Answer


def find_languages(descriptions: Sequence[Answer], of_corpus: str, project: ProjectLexicon | None = None) -> list[str]:
    """Return the language of each description: the one that it names, or else the one that its text tells.

    Thinking aloud does not count, for models often think in another language.

    Args:
        descriptions: Answers with a text.
        of_corpus: The language of the corpus, whose marks of thinking are known.
        project: The project's own words.

    Returns:
        ISO 639-1 codes; `und` for a text that does not tell, which is read in the language of the corpus.
    """
    return [answer.language or find_language(answer.text, of_corpus, project) for answer in descriptions]


def find_language(text: str, of_corpus: str, project: ProjectLexicon | None = None) -> str:
    """Return the language that a description tells, as `find_languages` does."""
    return load_language_finder(project).find(drop_thinking(text, corpus_thinking_finder(of_corpus, project)))


def group_readable(languages: Sequence[str], of_corpus: str) -> Iterator[tuple[str, list[int]]]:
    """Yield each language that is read, in order of its code, with the places of the texts that are read in it.

    Args:
        languages: Of the texts, from `find_languages`.
        of_corpus: The language of the corpus.
    """
    read_in = [language_read_in(language, of_corpus) for language in languages]
    for language in readable_languages():
        if places := [place for place, one in enumerate(read_in) if one == language]:
            yield language, places


def language_read_in(language: str, of_corpus: str) -> str:
    """Return the language that a text is read in, or nothing where descan has no lexicon or tokenizer for it."""
    language = of_corpus if language == UNDETERMINED else language
    return language if language in readable_languages() and load_profile(language).is_installed else ""


def corpus_thinking_finder(of_corpus: str, project: ProjectLexicon | None = None) -> ThinkingFinder:
    """Return what finds thinking aloud in a corpus, by the marks of its language or else of the default one."""
    return load_thinking_finder(language_read_in(of_corpus, of_corpus) or DEFAULT_LANGUAGE, project)
