"""The component in pipelines of spaCy."""

import pickle
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy import displacy
from spacy.language import Language
from spacy.tokens import DocBin
from spacy.util import load_config_from_str

from descan.errors import InputError
from descan.extract import extract

TEXTS = [
    "Her left brow may be slightly raised, and she is not smiling. The eyebrows are raised and drawn together.",
    "Nothing.",
    "The room is cheerful; he looks worried.",
    "",
]


@pytest.fixture
def nlp() -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("descan_mentions")
    return nlp


def test_a_span_says_what_was_found_and_how_it_is_asserted(nlp: Language) -> None:
    doc = nlp(TEXTS[0])
    told = [
        (span.text, span.label_, span.id_, span._.descan.aus, span._.descan.negation_cue, span._.descan.hedge_cue)
        for span in doc.spans["actions"]
    ]
    assert told == [
        ("brow may be slightly raised", "brow_raise", "brow+raise", "1+2", "", "may"),
        ("smiling", "smile", "words", "12", "not", ""),
        ("eyebrows are raised", "brow_raise", "brow+raise", "1+2", "", ""),
        ("eyebrows are raised and drawn together", "brow_lower", "brow+furrow", "4", "", ""),
    ]
    first, second = (span._.descan for span in list(doc.spans["actions"])[:2])
    assert (first.side, first.degree, first.hedged, first.negated) == ("left", "slight", True, False)
    assert (second.negated, second.hedged) == (True, False)
    other = nlp(TEXTS[2])
    cheerful, worried = other.spans["emotions"]
    assert (cheerful._.descan.target, worried._.descan.target) == ("scene", "person")
    assert worried._.descan.term == worried.label_ == "worried"


def test_a_document_has_the_whole_extraction(nlp: Language) -> None:
    assert nlp(TEXTS[0])._.descan == extract(TEXTS[0])
    assert nlp("I'm sorry, I can't help with that.")._.descan.refused


def test_what_another_component_made_has_no_mention(nlp: Language) -> None:
    doc = nlp(TEXTS[0])
    assert doc[0:2]._.descan is None
    assert spacy.blank("en")(TEXTS[0])._.descan is None


def test_documents_come_the_same_in_a_stream_and_alone(nlp: Language) -> None:
    streamed = list(nlp.pipe(TEXTS * 3, batch_size=5))
    assert [doc._.descan for doc in streamed] == [extract(text) for text in TEXTS * 3]


def test_processes_read_side_by_side(nlp: Language) -> None:
    apart = list(nlp.pipe(TEXTS, n_process=2, batch_size=2))
    for doc, text in zip(apart, TEXTS, strict=True):
        assert doc._.descan == extract(text)
        assert [span._.descan.text for span in doc.spans["actions"]] == [span.text for span in doc.spans["actions"]]


def test_the_component_can_be_sent_to_another_process(nlp: Language) -> None:
    component = pickle.loads(pickle.dumps(nlp.get_pipe("descan_mentions")))
    assert component(spacy.blank("en")(TEXTS[0]))._.descan == extract(TEXTS[0])


def test_a_pipeline_that_was_written_reads_the_same(nlp: Language, tmp_path: Path) -> None:
    tokenizer: Any = nlp.tokenizer
    tokenizer.add_special_case("smiling.", [{"ORTH": "smil"}, {"ORTH": "ing."}])
    nlp.to_disk(tmp_path / "pipeline")
    loaded = spacy.load(tmp_path / "pipeline")
    assert loaded.pipe_names == ["descan_mentions"]
    doc = loaded(TEXTS[0])
    assert doc._.descan == extract(TEXTS[0])
    assert [(span.text, span._.descan.text) for span in doc.spans["actions"]][1] == ("smiling.", "smiling")
    again = spacy.blank("en").from_config(load_config_from_str(nlp.config.to_str()))
    assert again(TEXTS[2])._.descan == extract(TEXTS[2])


def test_documents_that_were_written_keep_their_mentions(nlp: Language, tmp_path: Path) -> None:
    docs = list(nlp.pipe(TEXTS))
    DocBin(docs=docs, store_user_data=True).to_disk(tmp_path / "docs.spacy")
    loaded = list(DocBin().from_disk(tmp_path / "docs.spacy").get_docs(nlp.vocab))
    assert [doc._.descan for doc in loaded] == [doc._.descan for doc in docs]
    [_, smiling, *_] = loaded[0].spans["actions"]
    assert (smiling._.descan.negation_cue, smiling._.descan.aus) == ("not", "12")


def test_displacy_shows_the_spans(nlp: Language) -> None:
    html = displacy.render(nlp(TEXTS[0]), style="span", options={"spans_key": "actions"}, jupyter=False)
    assert {"brow_raise", "smile", "brow_lower"} <= set(html.replace("<", " ").replace(">", " ").split())


def test_the_pipeline_knows_what_the_component_assigns(nlp: Language) -> None:
    assert nlp.get_pipe_meta("descan_mentions").assigns == ["doc.spans", "doc._.descan", "span._.descan"]
    assert (nlp.analyze_pipes() or {})["problems"] == {"descan_mentions": []}


def test_a_language_that_descan_does_not_read_is_told_with_those_that_it_reads() -> None:
    with pytest.raises(InputError, match=r"^no lexicon for language 'de'; use one of en"):
        spacy.blank("de").add_pipe("descan_mentions")
    nlp = spacy.blank("xx")
    nlp.add_pipe("descan_mentions", config={"language": "en"})
    doc = nlp("He smiles.")
    assert [span.label_ for span in doc.spans["actions"]] == ["smile"]
