"""What many texts mention, as a frame."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import descan
from descan.errors import InputError, OptionError
from descan.storage.schemas import MENTION

TEXTS = [
    "She is smiling, and not sad.",
    "A table and two chairs.",
    "Her left brow may be slightly raised 🙂; an overall worried look.",
]


def test_a_list_gives_a_row_a_mention_with_the_place_of_its_text() -> None:
    found = descan.extract(TEXTS, embedder="none")
    assert list(found.columns) == MENTION.names
    assert found.index.tolist() == [0, 0, 2, 2]
    for row in found.itertuples():
        assert TEXTS[row.Index][row.start : row.end] == row.text
    assert found["action"].tolist() == ["smile", "", "brow_raise", ""]
    assert found["category"].tolist() == ["", "Sad", "", "Fear"]
    assert found[["negated", "hedged"]].to_numpy().tolist() == [
        [False, False],
        [True, False],
        [False, True],
        [False, False],
    ]
    assert found["side"].tolist() == ["", "", "left", ""]


def test_a_series_keeps_its_index_and_joins_with_its_frame() -> None:
    frame = pd.DataFrame({"said": TEXTS}, index=pd.Index(["a", "b", "c"], name="image"))
    found = descan.extract(frame["said"], embedder="none")
    assert found.index.name == "image"
    assert found.index.tolist() == ["a", "a", "c", "c"]
    joined = frame.join(found)
    assert joined["action"].fillna("-").tolist() == ["smile", "", "-", "brow_raise", ""]


def test_it_finds_what_explain_finds() -> None:
    text = TEXTS[2]
    found = descan.extract([text], embedder="none").reset_index(drop=True)
    pd.testing.assert_frame_equal(found, descan.explain(text, embedder="none").frame)


def test_missing_texts_have_no_mentions() -> None:
    found = descan.extract(pd.Series([None, "She smiles.", np.nan, ""], index=list("abcd")), embedder="none")
    assert found.index.tolist() == ["b"]


@pytest.mark.parametrize("texts", [[], [None], ["A table."]])
def test_no_mention_is_an_empty_frame_of_the_same_columns(texts: list[str | None]) -> None:
    found = descan.extract(texts, embedder="none")
    assert len(found) == 0
    assert found.dtypes.equals(descan.extract(TEXTS, embedder="none").dtypes)


def test_a_category_set_gives_other_categories() -> None:
    [category] = descan.extract(["He looks scornful."], embedder="none", categories="basic8")["category"]
    assert category == "Contempt"


def test_texts_in_a_language_that_is_not_read_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    french = "Il sourit avec les yeux grands ouverts et la bouche fermée."
    with caplog.at_level(logging.WARNING, "descan"):
        found = descan.extract([french, "She smiles."], embedder="none")
    assert found.index.tolist() == [1]
    assert caplog.messages == ["texts in languages that descan does not read have no mentions: 1 in French"]
    with pytest.raises(InputError, match="fr"):
        descan.extract([french], language="fr", embedder="none")


def test_one_string_is_not_taken_for_many() -> None:
    with pytest.raises(OptionError, match=r"^texts is one string; use a list of them, or descan\.explain for one"):
        descan.extract("She smiles.")
    with pytest.raises(
        OptionError, match=r"^texts is a DataFrame; use a list or a Series, such as one of its columns$"
    ):
        descan.extract(pd.DataFrame({"said": TEXTS}))
    with pytest.raises(OptionError, match=r"^texts has 7 at 'b'; use strings, or None$"):
        descan.extract(pd.Series(["She smiles.", 7], index=["a", "b"]), embedder="none")


def test_a_lone_surrogate_breaks_nothing() -> None:
    [row] = descan.extract(["\ud800 She smiles."], embedder="none").to_dict("records")
    assert (row["start"], row["text"]) == (6, "smiles")


def test_it_can_be_called_whatever_was_imported_before() -> None:
    import descan.extract.pipeline

    assert Path(str(descan.extract.__file__)).name == "__init__.py"  # type: ignore[attr-defined]
    assert len(descan.extract(["She smiles."], embedder="none")) == 1
