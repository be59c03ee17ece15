"""What lets people read: `descan.review`."""

from pathlib import Path
from typing import TYPE_CHECKING

from descan.analysis.results import Analysis, open_analysis
from descan.api.event_loops import no_running_loop
from descan.errors import OptionError

if TYPE_CHECKING:
    import pandas as pd

    from descan.review.serving import Addresses

_N_MODELS = 5
"""As many are named."""


def review(
    analysis: Analysis | Path | str,
    *,
    readings: Path | str | None = None,
    n: int = 200,
    weighted: bool = False,
    shared: int | None = None,
    corpus: Path | str | None = None,
    seed: int | None = None,
    port: int = 0,
    quiet: bool = False,
) -> "pd.DataFrame":
    """Show every case in a browser, and let people read a sample of descriptions blind, until Ctrl-C.

    The addresses are printed; they work on this machine alone. In a notebook the cell runs until the kernel is
    interrupted. Give the file of readings to `analyze` as `human_readings`.

    Args:
        analysis: An analysis, or its folder. Nothing is written there.
        readings: The file where readings are kept, a .jsonl file; None for the folder's name with `-readings.jsonl`
            behind it, beside the folder. Readings that it has are gone on with.
        n: Number of descriptions in the sample.
        weighted: Draw more of the verdicts whose descriptions descan is likely to misread.
        shared: How many of the sample everybody reads; the others are shared out. None for all of them.
        corpus: Folder of the corpus, for small pictures of its items; None for that which was analyzed, where it is
            known.
        seed: Seed of the sample; None for that of the analysis.
        port: Port to listen on; 0 takes one that is free.
        quiet: Print the addresses and nothing else.

    Returns:
        The readings, a row each, in the order in which they were made, also those of earlier calls.

    Raises:
        OptionError: If an option has a value that is not allowed, or the port is taken.
        InputError: If there is no such analysis, or the file of readings cannot be used.
        SetupError: If the extra `review` is not installed.
    """
    import pandas as pd

    from descan.review.readings_file import Reading
    from descan.review.serving import ReviewOptions, serve_review

    opened = open_analysis(analysis)
    media_folder = opened.media_folder if corpus is None else Path(corpus)
    if readings is None and opened.is_temporary:
        raise OptionError("readings", "is missing; the analysis is in a temporary folder, so name a .jsonl file")
    kept = None if readings is None else Path(readings)
    options = ReviewOptions(kept, n, weighted, shared, seed, port, media_folder)

    def tell(addresses: "Addresses") -> None:
        print(f"All cases:   {addresses.cases}")
        print(f"For readers: {addresses.marking}", flush=quiet)
        if not quiet:
            _tell_sample(addresses, opened.folder)

    with no_running_loop():
        found = serve_review(opened.folder, options, tell)
    return pd.DataFrame([reading.model_dump() for reading in found], columns=[*Reading.model_fields])


def _tell_sample(addresses: "Addresses", folder: Path) -> None:
    from descan.report.wording import join_some
    from descan.terminal import plain

    n = addresses.n_by_model
    by_model = [f"{plain(model)} {number:,}" for model, number in sorted(n.items())]
    path = plain(str(addresses.readings))
    print(f"Sample:      {sum(n.values()):,} texts: {join_some(by_model, _N_MODELS, separator=', ')}")
    print(f"Readings:    {path}, {addresses.n_read:,} so far")
    print(f"Then:        descan analyze CORPUS --out {plain(str(folder))} --human-readings {path}")
    print("These addresses work on this machine, until Ctrl-C.", flush=True)
