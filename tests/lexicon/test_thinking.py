"""Where models think aloud."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from descan.lexicon import load_thinking_finder

# What is set aside stands between ⟦ and ⟧.
CASES = [
    "⟦<think>The brows go up.</think>⟧Wide eyes.",
    "⟦<THINK>Fear?</Think>⟧\nSad",
    "⟦<thinking>a</thinking>⟧⟦<reasoning>b</reasoning>⟧Sad",
    "⟦<seed:think>a</seed:think>⟧Sad",
    "⟦< think >a< / think >⟧Sad",
    '⟦<think effort="low">a</think>⟧Sad',
    "⟦<|think|>a<|/think|>⟧Sad",
    "⟦[THINK]a[/THINK]⟧Sad",
    "⟦◁think▷a◁/think▷⟧Sad",
    "⟦&lt;think&gt;a&lt;/think&gt;⟧Sad",
    "⟦<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>⟧Sad",
    "⟦<think>a <think>b</think>⟧Sad",
    "⟦<think>a <think>b</think> c</think>⟧Sad",
    "⟦The brows go up.\n</think>⟧\nSad",
    "Sad ⟦<think>but the mouth⟧",
    "He smiles. ⟦<think>a</think>⟧ Her eyes are wide.",
    "She seems to think. [Thoughtful] <thinker>",
    "",
]


@pytest.mark.parametrize("marked", CASES)
def test_a_model_thinks_aloud_from_mark_to_mark(marked: str) -> None:
    text = marked.replace("⟦", "").replace("⟧", "")
    spans = load_thinking_finder().find(text)
    for start, end in reversed(spans):
        text = f"{text[:start]}⟦{text[start:end]}⟧{text[end:]}"
    assert text == marked


@given(st.lists(st.sampled_from(["<think>", "</think>", "[THINK]", "[/think]", "a", " ", "<", "/"])).map("".join))
def test_stretches_of_thinking_are_in_order_and_apart(text: str) -> None:
    ends = [0, *(place for span in load_thinking_finder().find(text) for place in span), len(text)]
    assert ends == sorted(ends)


@pytest.mark.parametrize("piece", ["<think>", "</think>", "[", "< ", "<a:", "<think "])
def test_a_hostile_reply_of_a_megabyte_takes_seconds_at_most(piece: str) -> None:
    started = time.process_time()
    load_thinking_finder().find(piece * (1_000_000 // len(piece)))
    assert time.process_time() - started < 10
