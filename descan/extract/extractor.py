"""From tokenized descriptions to extractions: sentences, mentions, refusal, names."""

from collections.abc import Iterator, Sequence

from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

from descan.extract.names import NameFinder
from descan.extract.parsing import SentenceParser
from descan.extract.refusals import RefusalFinder
from descan.extract.tokens import TokenReader, Words, within
from descan.extract.vocabulary import compile_vocabulary
from descan.lexicon import load_lexicon
from descan.records import Extraction


class Extractor:
    """Finds what descriptions mention; built once for a tokenizer and a language."""

    def __init__(self, tokenizer: Tokenizer, language: str) -> None:
        """Compile the lexicon.

        Raises:
            InputError: If there is no lexicon for the language.
        """
        lexicon = load_lexicon(language)
        vocabulary = compile_vocabulary(lexicon, tokenizer)
        self._parser = SentenceParser(lexicon, vocabulary)
        self._reader = TokenReader(vocabulary, tokenizer.vocab, tuple(lexicon.term_rules.feeling_endings))
        self._names = NameFinder(lexicon)
        self._refusals = RefusalFinder(lexicon)

    def extract(self, docs: Sequence[Doc], texts: Sequence[str]) -> Iterator[Extraction]:
        """Find the mentions, names and refusal of each description.

        Args:
            docs: The tokenized descriptions, one or more; together they cost less than one by one.
            texts: The `text` of each, which spaCy would put together again at each call.
        """
        tokens = self._reader.read(docs)
        for text, (first, last), n_words in zip(texts, tokens.bounds, tokens.n_words, strict=True):
            words = Words(text, tokens, first, last)
            mentions = [
                mention for clause in tokens.clauses(first, last) for mention in self._parser.parse(clause, words)
            ]
            is_refusal = all(mention.negation_cue for mention in mentions) and self._refusals.declines(text)
            names = self._names.find(words, within(tokens.capitals, first, last))
            yield Extraction(tuple(mentions), n_words, is_refusal, names)
