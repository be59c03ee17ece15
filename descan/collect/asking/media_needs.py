"""Which models still ask about an item: what was uploaded for it can be deleted after its last question."""

from collections import Counter
from collections.abc import Sequence

from descan.collect.providers.protocol import Provider
from descan.collect.questions.tasks import ModelTasks
from descan.collect.sources.media_loading import LoadedMedia


class MediaNeeds:
    """Counts, for each provider and item, the models that have not finished with the item."""

    def __init__(self, tasks: Sequence[ModelTasks], providers: Sequence[Provider], n_items: int) -> None:
        """Count the models that have a question about an item.

        Args:
            tasks: What must be asked, by model.
            providers: Whom to ask, by model; models may share one.
            n_items: Of the run.
        """
        self._n_models = Counter(
            (id(provider), row)
            for model, provider in zip(tasks, providers, strict=True)
            if model.settings.sends_whole_clips
            for row in model.open_rows(range(n_items))
        )
        self._clips: dict[tuple[int, int], set[str]] = {}

    def note(self, provider: Provider, row: int, media: LoadedMedia) -> None:
        """Note what is sent of an item that is a whole clip."""
        if media.seconds is not None:
            self._clips.setdefault((id(provider), row), set()).update(part.sha256 for part in media.parts)

    def finish(self, provider: Provider, row: int) -> None:
        """Note that a model has no more questions about an item; after the last model its clip is deleted."""
        place = id(provider), row
        self._n_models[place] -= 1
        if self._n_models[place] <= 0:
            provider.discard(self._clips.pop(place, set()))
