"""From a tokenized description to an extraction: sentences, mentions, refusal, names."""

from collections.abc import Sequence

from spacy.attrs import IDX, LENGTH, LOWER
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

from descan.extract.names import NameFinder
from descan.extract.parsing import Draft, SentenceParser
from descan.extract.refusals import RefusalFinder
from descan.extract.sentences import sentences
from descan.extract.vocabulary import Shape
from descan.lexicon import load_lexicon
from descan.records import Extraction, Mention

_COLUMNS = [LOWER, IDX, LENGTH]
_WORDLESS = [int(s) for s in (Shape.COMMA, Shape.BREAK, Shape.END, Shape.NEWLINE, Shape.MARK, Shape.LABEL)]


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

    def extract(self, doc: Doc, text: str) -> Extraction:
        """Find the mentions, names and refusal of one description.

        Args:
            doc: The tokenized description.
            text: The same as `doc.text`, which spaCy would put together again at each call.
        """
        code_of = self._codes
        words = doc.to_array(_COLUMNS)
        codes = [code_of[key] for key in words[:, 0].tolist()]
        starts = words[:, 1].tolist()
        ends = (words[:, 1] + words[:, 2]).tolist()
        mentions: list[Mention] = []
        parse = self._parser.parse
        for start, end in sentences(codes):
            drafts = parse(codes[start:end])
            if drafts:
                mentions += [self._mention(text, starts[start:end], ends[start:end], draft) for draft in drafts]
        is_refusal = not any(not mention.negated for mention in mentions) and self._refusals.declines(text)
        return Extraction(
            mentions=tuple(mentions),
            n_words=len(codes) - sum(map(codes.count, _WORDLESS)),
            refused=is_refusal,
            named=self._names.find(text, codes, starts, ends),
        )

    def _mention(self, text: str, starts: Sequence[int], ends: Sequence[int], draft: Draft) -> Mention:
        start, end = starts[draft.start], ends[draft.end - 1]
        words = text[start:end]
        negation, hedge = draft.negation_cue, draft.hedge_cue
        negation_cue = text[starts[negation[0]] : ends[negation[1] - 1]] if negation else ""
        hedge_cue = text[starts[hedge[0]] : ends[hedge[1] - 1]] if hedge else ""
        if draft.is_action:
            region, aus = self._regions[draft.name]
            return Mention(
                "action", start, end, words, draft.entry, region, draft.name, aus, "", "", "", None,
                negation_cue, hedge_cue, draft.degree, draft.side, "person", draft.is_conclusion,
            )  # fmt: skip
        return Mention(
            "emotion", start, end, words, draft.entry, "", "", "", draft.name or words.lower(), "", "", None,
            negation_cue, hedge_cue, draft.degree, "", draft.target, draft.is_conclusion,
        )  # fmt: skip
