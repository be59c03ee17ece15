"""From a tokenized description to an extraction: sentences, mentions, refusal, names."""

from spacy.attrs import LOWER
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

from descan.extract.names import NameFinder
from descan.extract.parsing import Draft, SentenceParser
from descan.extract.refusals import RefusalFinder
from descan.extract.sentences import sentences
from descan.extract.vocabulary import FIRST_WORD, Shape
from descan.lexicon import load_lexicon
from descan.records import Extraction, Mention

_WORDLESS = frozenset({Shape.COMMA, Shape.BREAK, Shape.END, Shape.NEWLINE, Shape.MARK, Shape.LABEL})


class Extractor:
    """Finds what descriptions mention; built once for a tokenizer and a language."""

    def __init__(self, tokenizer: Tokenizer, language: str) -> None:
        """Compile the lexicon.

        Raises:
            InputError: If there is no lexicon for the language.
        """
        lexicon = load_lexicon(language)
        self._parser = SentenceParser(lexicon, tokenizer)
        self._codes = self._parser.vocabulary.codes
        self._regions = {name: (entry.region, entry.aus) for name, entry in lexicon.actions.actions.items()}
        self._names = NameFinder(lexicon)
        self._refusals = RefusalFinder(lexicon)

    def extract(self, doc: Doc) -> Extraction:
        """Find the mentions, names and refusal of one description."""
        code_of = self._codes
        codes = [code_of[key] for key in doc.to_array(LOWER).tolist()]
        mentions: list[Mention] = []
        parse = self._parser.parse
        for start, end in sentences(codes):
            drafts = parse(tuple(codes[start:end]))
            if drafts:
                mentions += [self._mention(doc, start, draft) for draft in drafts]
        text = doc.text
        is_refusal = not any(not mention.negated for mention in mentions) and self._refusals.declines(text)
        return Extraction(
            mentions=tuple(mentions),
            n_words=sum(code not in _WORDLESS for code in codes),
            refused=is_refusal,
            named=self._names.find(doc, codes),
        )

    def _mention(self, doc: Doc, offset: int, draft: Draft) -> Mention:
        first, last = doc[offset + draft.start], doc[offset + draft.end - 1]
        start, end = first.idx, last.idx + len(last)
        text = doc.text[start:end]
        negation = self._words(doc, offset, draft.negation_cue)
        hedge = self._words(doc, offset, draft.hedge_cue)
        if draft.is_action:
            region, aus = self._regions[draft.name]
            return Mention(
                "action", start, end, text, draft.entry, region, draft.name, aus,
                negation_cue=negation, hedge_cue=hedge, degree=draft.degree, side=draft.side,
                is_conclusion=draft.is_conclusion,
            )  # fmt: skip
        return Mention(
            "emotion", start, end, text, draft.entry, term=draft.name or text.lower(),
            negation_cue=negation, hedge_cue=hedge, degree=draft.degree, target=draft.target,
            is_conclusion=draft.is_conclusion,
        )  # fmt: skip

    def _words(self, doc: Doc, offset: int, cue: tuple[int, int] | None) -> str:
        if cue is None:
            return ""
        last = doc[offset + cue[1] - 1]
        return doc.text[doc[offset + cue[0]].idx : last.idx + len(last)]


__all__ = ["FIRST_WORD", "Extractor"]
