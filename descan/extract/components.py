"""The spaCy component of descan, registered as a factory; any pipeline can add it by name."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from descan.extract.extractor import load_extractor
from descan.lexicon import load_lexicon, read_project_lexicon
from descan.records import Extraction, Mention

NAME = "descan"
"""Of the attributes `doc._.descan` and `span._.descan`, and the key in `doc.user_data` of what they return."""

_GROUPS = {"action": "actions", "emotion": "emotions"}
"""Kind of mention -> key in `doc.spans`."""


@Language.factory(
    "descan_mentions",
    default_config={"language": None, "lexicon": None},
    assigns=["doc.spans", f"doc._.{NAME}", f"span._.{NAME}"],
)
def make_mentions(
    nlp: Language,
    name: str,  # noqa: ARG001 (spaCy gives it)
    language: str | None,
    lexicon: str | None,
) -> "MentionComponent":
    """Make the component that finds facial actions and emotion terms with their assertions.

    Args:
        nlp: The pipeline.
        name: Of the component in it.
        language: Language of the texts; None for that of the pipeline.
        lexicon: Folder with a project's own words, which must be there where the pipeline is loaded again, too.

    Raises:
        InputError: If descan does not read the language, or the project's own words are not as they must be.
    """
    return MentionComponent(language or str(nlp.lang), lexicon)


class MentionComponent:
    """Puts mentions into `doc.spans["actions"]` and `doc.spans["emotions"]`.

    The label of a span is its action or term, its id the entry of the lexicon that made it. `span._.descan` is the
    `Mention`: negated, negation_cue, hedged, hedge_cue, degree, side, target, aus and more. `doc._.descan` is the
    `Extraction`. It reads the text of a document, whatever tokens the pipeline made of it, as `descan.explain` does; a
    span has all tokens that the words of its mention touch.
    """

    def __init__(self, language: str, lexicon: str | None = None) -> None:
        """Check that descan reads the language; its rules are compiled with the first text.

        Raises:
            InputError: If there is no lexicon for the language, or the project's own words are not as they must be.
        """
        self.language = language
        self.project = None if lexicon is None else read_project_lexicon(lexicon, language)
        load_lexicon(language, self.project)

    def __call__(self, doc: Doc) -> Doc:
        """Find the mentions of a document."""
        [read] = self.pipe([doc])
        return read

    def pipe(self, docs: Iterable[Doc], *, batch_size: int = 256) -> Iterator[Doc]:
        """Find the mentions of many documents, which takes less time each."""
        extractor = load_extractor(self.language, self.project)
        remaining = iter(docs)
        while batch := list(islice(remaining, batch_size)):
            for doc, extraction in zip(batch, extractor.records([doc.text for doc in batch]), strict=True):
                _annotate(doc, extraction)
                yield doc


def _annotate(doc: Doc, extraction: Extraction) -> None:
    groups: dict[str, list[Span]] = {kind: [] for kind in _GROUPS}
    rows = []
    for mention in extraction.mentions:
        label = mention.action or mention.term
        span = doc.char_span(mention.start, mention.end, label=label, span_id=mention.entry, alignment_mode="expand")
        if span is not None:
            groups[mention.kind].append(span)
            rows.append([_key(span), list(mention)])
    for kind, spans in groups.items():
        doc.spans[_GROUPS[kind]] = SpanGroup(doc, name=_GROUPS[kind], spans=spans)
    # Plain values: documents are sent between processes and written to files.
    doc.user_data[NAME] = {
        "mentions": rows,
        "n_words": extraction.n_words,
        "refused": extraction.refused,
        "named": list(extraction.named),
    }


def _key(span: Span) -> list[object]:
    return [span.start_char, span.end_char, span.label_, span.id_]


def _extraction_of(doc: Doc) -> Extraction | None:
    found: dict[str, Any] | None = doc.user_data.get(NAME)
    if found is None:
        return None
    mentions = tuple(Mention(*values) for _, values in found["mentions"])
    return Extraction(mentions, found["n_words"], found["refused"], tuple(found["named"]))


def _mention_of(span: Span) -> Mention | None:
    found: dict[str, Any] = span.doc.user_data.get(NAME, {"mentions": []})
    key = _key(span)
    return next((Mention(*values) for own, values in found["mentions"] if list(own) == key), None)


# What `docs` say of the attributes holds for every document: they read what the component wrote.
Doc.set_extension(NAME, getter=_extraction_of, force=True)
Span.set_extension(NAME, getter=_mention_of, force=True)
