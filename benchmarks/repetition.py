"""A corpus over and over, under fresh names and with small edits, to see what size alone does.

Every copy has fresh items and groups. From the second on, a text has one sentence of another text in the place of one
of its own, and one word exchanged: for another word of the corpus or, one time in four, for itself misspelled, because
the words of a larger corpus are more. No text is there twice, so that nothing which remembers whole texts has an
advantage; but short ones, mostly labels, stay as they are and are as often the same as labels are.
"""

import csv
import json
import random
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import count
from pathlib import Path
from typing import Any

GROUP_SIZE = 5
"""Items of a group, where the corpus has no groups of its own."""

MIN_WORDS = 4
"""Of four letters or more, in a text that is edited."""

_MIN_LETTERS = 4
_MISSPELLED = 0.25
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_WORD = re.compile(rf"\b[a-z]{{{_MIN_LETTERS},}}\b")


def repeat_corpus(source: Path, folder: Path, n_answers: int, seed: int = 0) -> None:
    """Write a corpus of so many answers, item by item; the last item may lack some of its own.

    Args:
        source: A corpus folder with `items.csv` and `answers.jsonl`.
        folder: A new folder.
        n_answers: How many there are to be.
        seed: Same seed, same corpus.
    """
    folder.mkdir()
    shutil.copyfile(source / "corpus.toml", folder / "corpus.toml")
    copies = _copies(_read_items(source), _read_answers(source), random.Random(seed))
    n_left = n_answers
    with (
        (folder / "items.csv").open("w", encoding="utf-8", newline="") as items_file,
        (folder / "answers.jsonl").open("w", encoding="utf-8") as answers_file,
    ):
        items = csv.DictWriter(items_file, ("item_id", "gold", "group"))
        items.writeheader()
        while n_left:
            item, answers = next(copies)
            items.writerow(item)
            for answer in answers[:n_left]:
                answers_file.write(json.dumps(answer, ensure_ascii=False) + "\n")
            n_left -= min(n_left, len(answers))


def _read_items(source: Path) -> list[dict[str, str]]:
    """Read the items, each with a group."""
    with (source / "items.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        {
            "item_id": row["item_id"],
            "gold": row.get("gold") or "",
            "group": row.get("group") or f"group{place // GROUP_SIZE}",
        }
        for place, row in enumerate(rows)
    ]


def _read_answers(source: Path) -> dict[str, list[dict[str, Any]]]:
    answers = defaultdict(list)
    with (source / "answers.jsonl").open(encoding="utf-8") as file:
        for line in file:
            answer = json.loads(line)
            answers[answer["item_id"]].append(answer)
    return dict(answers)


def _copies(
    items: Sequence[Mapping[str, str]],
    answers: Mapping[str, Sequence[Mapping[str, Any]]],
    random_numbers: random.Random,
) -> Iterator[tuple[dict[str, str], list[dict[str, Any]]]]:
    """Yield items with their answers endlessly, each copy in its own order."""
    editor = _Editor([answer["text"] for of_item in answers.values() for answer in of_item], random_numbers)
    for copy in count():
        for item in random_numbers.sample(items, len(items)):
            fresh = f"{item['item_id']}-copy{copy}"
            yield (
                {"item_id": fresh, "gold": item["gold"], "group": f"{item['group']}-copy{copy}"},
                [
                    {**answer, "item_id": fresh, "text": editor.edit(answer["text"])}
                    for answer in answers.get(item["item_id"], ())
                ],
            )


class _Editor:
    """Gives texts that it has not given before."""

    def __init__(self, texts: Sequence[str], numbers: random.Random) -> None:
        self._random = numbers
        self._sentences = [sentence for text in texts for sentence in _SENTENCE_END.split(text)[:-1]]
        self._words = sorted({word for text in texts for word in _WORD.findall(text)})
        self._given: set[bytes] = set()

    def edit(self, text: str) -> str:
        """Return a long text as it is the first time and edited from then on; a short one as it is."""
        if len(_WORD.findall(text)) < MIN_WORDS:
            return text
        edited = text
        while (digest := blake2b(edited.encode(), digest_size=8).digest()) in self._given:
            edited = self._exchange_word(self._exchange_sentence(text))
        self._given.add(digest)
        return edited

    def _exchange_sentence(self, text: str) -> str:
        """Leave the last one, where a label may stand."""
        sentences = _SENTENCE_END.split(text)
        if len(sentences) > 1:
            sentences[self._random.randrange(len(sentences) - 1)] = self._random.choice(self._sentences)
        return " ".join(sentences)

    def _exchange_word(self, text: str) -> str:
        found = self._random.choice(list(_WORD.finditer(text)))
        is_misspelled = self._random.random() < _MISSPELLED
        word = self._misspell(found.group()) if is_misspelled else self._random.choice(self._words)
        return f"{text[: found.start()]}{word}{text[found.end() :]}"

    def _misspell(self, word: str) -> str:
        """Exchange two neighbouring letters."""
        place = self._random.randrange(len(word) - 1)
        return f"{word[:place]}{word[place + 1]}{word[place]}{word[place + 2 :]}"
