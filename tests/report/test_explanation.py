"""`descan explain` in a terminal and as JSON."""

import json
import re
from io import StringIO

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from descan.analysis.explaining import explain
from descan.lexicon import load_category_set
from descan.records import Extraction, Reading
from descan.report.explanation import explanation_record, print_explanation


def read(text: str) -> tuple[Extraction, Reading]:
    explanation = explain(text, language="en", embedder="none")
    return explanation.extraction, explanation.reading


def shown(text: str, *, is_terminal: bool = False) -> str:
    out = StringIO()
    print_explanation(
        text,
        *read(text),
        load_category_set(),
        Console(file=out, width=100, force_terminal=is_terminal, highlight=False),
    )
    return out.getvalue()


def test_every_mention_stands_in_the_table_with_its_assertion_and_its_rule() -> None:
    page = shown("Her left brow is slightly raised, with no smile; she seems worried.")
    assert [line.split() for line in page.splitlines() if line.startswith(("brow", "smile", "worried"))] == [
        ["brow", "is", "slightly", "raised", "brow_raise", "1+2", "slight,", "left", "brow+raise"],
        ["smile", "smile", "12", "negated", "by", '"no"', "words"],
        ["worried", "Fear", "hedged", "by", '"seems"', "term:worried"],
    ]
    assert "described: Fear" in page


def test_a_text_without_mentions_says_so() -> None:
    page = shown("A table and two chairs.")
    assert "No facial action and no emotion term found." in page
    assert "described: Undecided" in page


def test_a_refusal_says_so() -> None:
    assert "The text declines to describe: refused." in shown("I'm sorry, I can't help with that.")


def test_names_are_listed() -> None:
    assert "names: Mara Velden" in shown("The actor Mara Velden smiles.")


def test_escapes_and_markup_in_a_text_reach_no_terminal() -> None:
    page = shown("A \x1b[31msmile\x1b]0;title\x07 [bold]and[/bold] \u202esad\x00\x9b.", is_terminal=False)
    assert page.startswith("A \\x1b[31msmile\\x1b]0;title\\x07 [bold]and[/bold] \\u202esad\\x00\\x9b.")
    assert not {"\x1b", "\x07", "\x00", "\x9b", "\u202e"} & set(page)


def test_only_styles_of_descan_reach_a_terminal() -> None:
    page = shown("She is smiling.\x1b[2J", is_terminal=True)
    assert "\x1b[" in page
    assert "\x1b[2J" not in page


def test_a_record_has_every_mention_and_the_reading() -> None:
    text = "No smile, but she seems worried."
    record = json.loads(json.dumps(explanation_record(text, *read(text), load_category_set())))
    assert record["text"] == text
    assert [
        (text[mention["start"] : mention["end"]], mention["negated"], mention["hedged"])
        for mention in record["mentions"]
    ] == [("smile", True, False), ("worried", False, True)]
    assert record["reading"]["described"] == "Fear"
    assert list(record["reading"]["scores"]) == ["Anger", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise"]


@given(
    st.text(st.characters(codec="utf-8"), max_size=60) | st.sampled_from(["smile\x1b[0m sad", "\x00brows\r\nraised"])
)
@settings(max_examples=60, deadline=None)
def test_any_text_can_be_shown_safely(text: str) -> None:
    page = shown(text)
    assert not any(ord(letter) < 0x20 and letter not in "\n\t" for letter in page)


def test_a_notebook_shows_the_text_with_its_mentions_marked() -> None:
    explanation = explain('No <b>smile</b>; she "seems" worried.', embedder="none")
    shown = explanation._repr_mimebundle_()
    assert shown["text/plain"] == repr(explanation)
    assert "described: Fear" in repr(explanation)
    html = shown["text/html"]
    assert '&lt;b&gt;<mark class="action negated" title="smile (AU 12); negated by ' in html
    assert '<mark class="emotion hedged" title="worried: Fear; hedged by ' in html
    assert "<b>" not in html
    assert "term:worried" in html


def test_a_notebook_names_the_words_that_the_lexicon_does_not_have() -> None:
    html = explain("She is smiling <i>glumphily</i>.", embedder="none")._repr_html_()
    assert "not in the lexicon: " in html
    assert "glumphily" in html.partition("not in the lexicon: ")[2]


def test_a_notebook_says_where_nothing_is_mentioned() -> None:
    html = explain("A table and two chairs.", embedder="none")._repr_html_()
    assert "No facial action and no emotion term found." in html
    assert "<mark" not in html


@given(st.text(st.sampled_from("<>&\"'\x00\x1b\u202esmile "), max_size=40))
@settings(max_examples=20, deadline=None)
def test_any_text_is_shown_as_text_in_a_notebook(text: str) -> None:
    html = explain(f"{text} smiling", language="en", embedder="none")._repr_html_()
    body = html.partition("</style>")[2]
    tags = set(re.findall(r"<\s*/?\s*(\w+)", body))
    assert tags <= {"p", "mark", "table", "thead", "tbody", "tr", "th", "td", "bdi", "div"}
    assert not any(letter in body for letter in "\x00\x1b\u202e")
