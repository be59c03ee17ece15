"""Copy answers that a corpus already holds under another name, instead of buying them again."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from itertools import islice
from pathlib import Path

from descan.collect.questions.tasks import ModelTasks, Question
from descan.collect.store.answers_file import Kind, encode_line
from descan.collect.store.existing_answers import ExistingAnswers, State, label_prompt
from descan.collect.store.line_files import LineFile
from descan.corpus.folder import find_answers
from descan.corpus.formats import ColumnNames, stream_rows

_N_SYNCED = 1000
"""Lines that are synced together."""

_Takers = Mapping[tuple[object, str, object], Sequence[tuple[str, Question]]]
"""Donor, label of its prompt, and repeat -> the models that lack these answers, and their questions."""


def copy_answers(
    folder: Path,
    tasks: Sequence[ModelTasks],
    existing: ExistingAnswers,
    item_ids: Sequence[str],
    *,
    is_dry: bool = False,
) -> Counter[str]:
    """Copy the answers to exactly the same questions; from then on these count as answered.

    A copy costs nothing and names its origin in `copied_from`.

    Args:
        folder: The corpus, whose lock is held.
        tasks: What must be asked; the states of copied answers change.
        existing: What the corpus holds.
        item_ids: The items of the run.
        is_dry: Write nothing.

    Returns:
        How many answers were copied, by model.
    """
    takers = _find_takers(tasks, existing)
    copies = _find_copies(folder, takers, item_ids) if takers else iter(())
    counts: Counter[str] = Counter()
    with nullcontext() if is_dry else closing(LineFile(folder / Kind.ANSWER)) as file:
        while group := list(islice(copies, _N_SYNCED)):
            counts.update(str(cells["model"]) for cells in group)
            if file is not None:
                file.write(b"".join(map(encode_line, group)))
    return counts


def _find_takers(tasks: Sequence[ModelTasks], existing: ExistingAnswers) -> _Takers:
    """Find the open questions that were asked in exactly the same way under another name, the donor's."""
    takers: dict[tuple[object, str, object], list[tuple[str, Question]]] = defaultdict(list)
    for model in tasks:
        for question in model.questions:
            for (donor, label), series in existing.series.items() if question.n_left else ():
                is_other = (donor, label) != (model.name, question.prompt.label)
                is_mode = label.partition(":")[0] == question.mode
                if is_other and is_mode and list(series.recipes) == [question.recipe]:
                    takers[donor, label, question.repeat].append((model.name, question))
    return takers


def _find_copies(folder: Path, takers: _Takers, item_ids: Sequence[str]) -> Iterator[Mapping[str, object]]:
    rows = {item_id: row for row, item_id in enumerate(item_ids)}
    for path in find_answers(folder):
        for line in stream_rows(path, ColumnNames()):
            cells = line.cells
            row = rows.get(str(cells.get("item_id")))
            label = label_prompt(str(cells.get("mode")), str(cells.get("prompt") or ""))
            for name, question in takers.get((cells.get("model"), label, cells.get("repeat") or 0), ()):
                if row is not None and question.is_open(row):
                    question.states[row] = State.ANSWERED
                    origin = cells.get("copied_from") or cells["model"]
                    named = {"prompt": question.prompt.name or None, "model": name}
                    copy = {**cells, **named, "copied_from": origin, "cost_usd": 0.0}
                    yield {column: value for column, value in copy.items() if value is not None}
