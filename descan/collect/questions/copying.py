"""Copy answers that a corpus already holds under another name, instead of buying them again."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from pathlib import Path

from descan.collect.questions.tasks import ModelTasks, Question
from descan.collect.store.answers_file import Kind, encode_line
from descan.collect.store.existing_answers import State
from descan.collect.store.line_files import LineFile
from descan.corpus.folder import find_answers
from descan.corpus.formats import ColumnNames, stream_rows

_GROUP_BYTES = 1 << 20
"""Bytes of lines that are synced together."""

_Takers = Mapping[tuple[object, object, object], Sequence[tuple[str, Question]]]


def copy_answers(
    folder: Path, tasks: Sequence[ModelTasks], item_ids: Sequence[str], *, is_dry: bool = False
) -> Counter[str]:
    """Copy the answers to exactly the same questions; from then on these count as answered.

    A copy costs nothing and names its origin in `copied_from`.

    Args:
        folder: The corpus, whose lock is held.
        tasks: What must be asked; the states of copied answers change.
        item_ids: The items of the run.
        is_dry: Write nothing.

    Returns:
        How many answers were copied, by model.
    """
    counts: Counter[str] = Counter()
    takers = _find_takers(tasks)
    if not takers:
        return counts
    lines = bytearray()
    with nullcontext() if is_dry else closing(LineFile(folder / Kind.ANSWER)) as file:
        for cells in _find_copies(folder, takers, item_ids):
            counts[str(cells["model"])] += 1
            if file is not None:
                lines += encode_line(cells)
            if file is not None and len(lines) > _GROUP_BYTES:
                file.write(bytes(lines))
                lines.clear()
        if file is not None:
            file.write(bytes(lines))
    return counts


def _find_takers(tasks: Sequence[ModelTasks]) -> _Takers:
    takers: dict[tuple[object, object, object], list[tuple[str, Question]]] = {}
    for model in tasks:
        for question in model.questions:
            for donor in question.donors if question.n_left else ():
                takers.setdefault((donor, question.mode.value, question.repeat), []).append((model.name, question))
    return takers


def _find_copies(folder: Path, takers: _Takers, item_ids: Sequence[str]) -> Iterator[Mapping[str, object]]:
    rows = {item_id: row for row, item_id in enumerate(item_ids)}
    for path in find_answers(folder):
        for line in stream_rows(path, ColumnNames()):
            cells = line.cells
            row = rows.get(str(cells.get("item_id")))
            for name, question in takers.get((cells.get("model"), cells.get("mode"), cells.get("repeat") or 0), ()):
                if row is not None and question.is_open(row):
                    question.states[row] = State.ANSWERED
                    origin = cells.get("copied_from") or cells["model"]
                    yield {**cells, "model": name, "copied_from": origin, "cost_usd": 0.0}
