"""The input of a run: its items, its prompts, and what the corpus folder lacks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from descan.collect.questions.prompts import Prompt, load_prompts
from descan.collect.run import CollectRun
from descan.collect.sources.sampling import Sample, draw_sample
from descan.collect.sources.source_items import Source, SourceItem
from descan.collect.sources.source_loading import load_source
from descan.collect.store.corpus_folder import FolderChange, plan_corpus_folder
from descan.errors import InputError
from descan.records import Mode

_REASONS = {"hidden": "hidden", "not_media": "not media"}


@dataclass(frozen=True, slots=True)
class RunInput:
    """What a run asks about, and with which prompts.

    Attributes:
        item_ids: Of `items`, in their order.
        change: What must be written into the corpus folder.
        remarks: What the user should know about the items before anything is asked.
    """

    items: tuple[SourceItem, ...]
    item_ids: tuple[str, ...]
    prompts: Mapping[Mode, Prompt]
    change: FolderChange
    remarks: tuple[str, ...]


def load_input(run: CollectRun) -> RunInput:
    """Load the source and the prompts of a run, and draw its sample; nothing is written.

    Raises:
        InputError: If something is not what is allowed.
    """
    prompts = load_prompts(run.modes, run.prompts, with_crop=run.crop)
    source = load_source(
        run.source, aliases=run.aliases, allow_outside=run.allow_outside, group_pattern=run.group_pattern
    )
    sample = draw_sample(source.items, limit=run.limit, per_class=run.per_class, seed=run.seed)
    if not sample.items:
        raise InputError(run.source, "no item has a gold category, so no sample can be balanced; leave --per-class out")
    if run.crop and not any(item.face_box for item in sample.items):
        raise InputError(run.source, "no item has a face_box to crop by; give them in a manifest, or leave --crop out")
    description = {"name": run.name, "language": run.language, "source": run.origin, "licence": run.licence}
    texts = {mode: prompt.text for mode, prompt in prompts.items()}
    change = plan_corpus_folder(run.out, sample.items, description=description, labels=source.labels, prompts=texts)
    item_ids = tuple(item.item_id for item in sample.items)
    return RunInput(sample.items, item_ids, prompts, change, tuple(_remarks(run, source, sample)))


def _remarks(run: CollectRun, source: Source, sample: Sample) -> Iterator[str]:
    skipped = [f"{n:,} {_REASONS.get(reason, reason)}" for reason, n in source.left_out.items() if n]
    if skipped:
        yield f"Skipped files of the source: {', '.join(skipped)}."
    if sample.short:
        short = ", ".join(f"{category} {n:,}" for category, n in sample.short.items())
        yield f"The source has too few items of some classes for a balanced sample; missing are {short}."
    if sample.n_without_gold:
        yield f"{sample.n_without_gold:,} items without a gold category cannot be in a balanced sample."
    n_boxless = sum(item.face_box is None for item in sample.items)
    if run.crop and n_boxless:
        yield f"{n_boxless:,} of {len(sample.items):,} items have no face_box to crop by; they will fail."
