"""How many descriptions of 135 characters are read a second in a language whose words have no spaces between them?

Sentences of the language's own sample corpus are drawn at random into new descriptions, so that clauses come again as
they do in a model's answers, and whole texts do not. Time is the process's own on the CPU, up to the mentions in
columns, after everything is compiled: one core.
"""

import json
import random
import re
import time

from benchmarks.texts import ROOT
from descan.extract import load_extractor
from descan.lexicon import load_profile

N_DESCRIPTIONS = 4_000
LENGTH = 135
_BLOCK = 500
_MUCH = 1_000_000_000
"""Characters to announce, so that machine code is measured."""
_SAMPLES = {"ja": "japanese", "zh": "chinese"}
_SENTENCE = re.compile(r"[^。！？\n]+[。！？\n]?")


def describe_languages() -> str:
    """Measure every language whose tokenizer is installed and return the rates as a table."""
    lines = [f"{N_DESCRIPTIONS:,} descriptions of {LENGTH} characters"]
    for language in _SAMPLES:
        if load_profile(language).is_installed:
            lines.append(f"{language}{measure(language):14,.0f} a second")
    return "\n".join(lines)


def measure(language: str) -> float:
    """Return how many descriptions are read a second."""
    texts = draw_descriptions(language)
    extractor = load_extractor(language)
    extractor.prepare(_MUCH)
    extractor.extract(texts[:2])
    start = time.process_time()
    for first in range(0, len(texts), _BLOCK):
        extractor.extract(texts[first : first + _BLOCK])
    n_characters = sum(map(len, texts))
    return n_characters / LENGTH / (time.process_time() - start)


def draw_descriptions(language: str) -> list[str]:
    """Draw the sentences of a sample corpus into descriptions of about the same length."""
    path = ROOT / "corpora" / _SAMPLES[language] / "answers.jsonl"
    answers = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    sentences = [
        sentence for answer in answers if answer["mode"] == "describe" for sentence in _SENTENCE.findall(answer["text"])
    ]
    chance = random.Random(0)
    descriptions: list[str] = []
    while len(descriptions) < N_DESCRIPTIONS:
        text = ""
        while len(text) < LENGTH:
            text += chance.choice(sentences)
        descriptions.append(text)
    return descriptions
