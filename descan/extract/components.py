"""spaCy components of descan, registered as factories; any pipeline can add them by name."""

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from descan.extract.extractor import Extractor
from descan.extract.tokenization import SpacySegmenter
from descan.records import DEFAULT_LANGUAGE

EXTRACTION = "descan"
"""Key of the `Extraction` in `doc.user_data`."""


@Language.factory("descan_mentions", default_config={"language": DEFAULT_LANGUAGE}, assigns=["doc.spans"])
def make_mentions(nlp: Language, name: str, language: str) -> "MentionComponent":  # noqa: ARG001 (spaCy gives it)
    """Make the component that finds facial actions and emotion terms with their assertions."""
    return MentionComponent(nlp, language)


class MentionComponent:
    """Puts mentions into `doc.spans` ("actions", "emotions") and the whole extraction into `doc.user_data`."""

    def __init__(self, nlp: Language, language: str) -> None:
        """Compile the lexicon for the tokenizer of the pipeline."""
        self.extractor = Extractor(SpacySegmenter(nlp.tokenizer), language)

    def __call__(self, doc: Doc) -> Doc:
        """Find the mentions; a span's label is its action or term, its id the entry that made it.

        A span has all tokens of the document that the words of its mention touch.
        """
        [extraction] = self.extractor.records([doc.text])
        doc.user_data[EXTRACTION] = extraction
        groups: dict[str, list[Span]] = {"action": [], "emotion": []}
        for mention in extraction.mentions:
            label = mention.action or mention.term
            span = doc.char_span(
                mention.start, mention.end, label=label, span_id=mention.entry, alignment_mode="expand"
            )
            if span is not None:
                groups[mention.kind].append(span)
        for kind, spans in groups.items():
            doc.spans[f"{kind}s"] = SpanGroup(doc, name=f"{kind}s", spans=spans)
        return doc
