"""First stages that an earlier run made safe, for answers whose second stage is still missing."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from descan.collect.asking.answer_lines import Asked
from descan.collect.questions.tasks import ModelTasks, Question
from descan.collect.sources.media_loading import LoadedMedia
from descan.collect.store.answers_file import Kind
from descan.corpus.formats import ColumnNames, stream_rows

_Key = tuple[object, object, object, object]


class FirstStages:
    """Finds the reply to the first stage of a question that is to be put."""

    def __init__(
        self, lines: Iterable[Mapping[str, object]], tasks: Sequence[ModelTasks], item_ids: Sequence[str]
    ) -> None:
        """Remember the lines that are still of use.

        Args:
            lines: Of first stages, in the order in which they came.
            tasks: What is to ask.
            item_ids: The items of the run.
        """
        rows = {item_id: row for row, item_id in enumerate(item_ids)}
        questions: dict[tuple[object, object, object], Question] = {
            (model.name, question.mode.value, question.repeat): question
            for model in tasks
            for question in model.questions
        }
        self._lines: dict[_Key, Mapping[str, object]] = {}
        for cells in lines:
            question = questions.get((cells.get("model"), cells.get("mode"), cells.get("repeat")))
            row = rows.get(str(cells.get("item_id")))
            if question is not None and row is not None and question.is_open(row):
                self._lines[_key(cells)] = cells

    def find(self, asked: Asked, media: LoadedMedia) -> Mapping[str, object] | None:
        """Give the line of a first stage that was asked in the very same way, or None."""
        cells = self._lines.get(_key(asked.key()))
        recipe = asked.question.recipe
        wanted = (media.media_sha256, recipe.prompt_sha256, recipe.params_sha256)
        found = cells and tuple(cells.get(name) for name in ("media_sha256", "prompt_sha256", "params_sha256"))
        return cells if found == wanted else None


def read_first_stages(folder: Path, tasks: Sequence[ModelTasks], item_ids: Sequence[str]) -> FirstStages:
    """Read the first stages of a corpus; its files must be mended."""
    path = folder / Kind.STAGE
    lines = (row.cells for row in stream_rows(path, ColumnNames())) if path.is_file() else ()
    return FirstStages(lines, tasks, item_ids)


def _key(cells: Mapping[str, object]) -> _Key:
    return cells.get("item_id"), cells.get("model"), cells.get("mode"), cells.get("repeat")
