"""What `run.json` says: versions, options, counts, and what was left out and why."""

import hashlib
from collections import Counter
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from descan.analysis.gathering import Gathered
from descan.analysis.options import AnalyzeOptions
from descan.corpus import Corpus
from descan.embedding import Embedder
from descan.lexicon import Lexicon

_LIBRARIES = ("descan", "spacy", "sentence-transformers", "duckdb", "pyarrow", "numpy", "scipy")


def describe_run(
    corpus: Corpus, options: AnalyzeOptions, lexicon: Lexicon, embedder: Embedder | None, gathered: Gathered
) -> dict[str, Any]:
    """Return the content of `run.json`.

    Args:
        corpus: The corpus that was analyzed.
        options: How it was analyzed.
        lexicon: The lexicon of its language.
        embedder: None if no term needed it.
        gathered: What the tables hold.
    """
    return {
        "descan": version("descan"),
        "versions": {name: version(name) for name in _LIBRARIES},
        "corpus": {
            "name": corpus.name,
            "language": corpus.language,
            "source": corpus.source,
            "licence": corpus.licence,
            "sha256": corpus.digest(),
        },
        "lexicon_sha256": lexicon.digest,
        "embedder": {
            "name": options.embedder,
            "identity": embedder.identity if embedder else None,
            "used": embedder is not None,
        },
        "seed": options.compare.seed,
        "options": {
            "label_mode": str(options.compare.label_mode),
            "support": str(options.compare.support),
            "lenient_threshold": options.compare.lenient_threshold,
            "confidence": options.compare.confidence,
            "resamples": options.compare.n_resamples,
            "contested_models": options.compare.contested_models,
            "human_readings_sha256": _digest(options.compare.human_readings),
            "weights": asdict(options.weights),
        },
        "counts": gathered.counts,
        "left_out": dict(sorted((gathered.left_out + Counter(unread_files=len(corpus.unread))).items())),
    }


def _digest(path: Path | None) -> str | None:
    return None if path is None else hashlib.sha256(path.read_bytes()).hexdigest()
