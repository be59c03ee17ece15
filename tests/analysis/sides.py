"""Two analyses to compare, made row by row."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.report.analyses import Pair, write_records

VERDICTS = {
    (True, True): "right",
    (True, False): "lucky",
    (False, True): "labeling_failure",
    (False, False): "seeing_failure",
}


def judged(item_id: str, gold: str | None, described: str | None, label: str | None, **more: Any) -> Pair:
    """Return a pair with the verdict of the strict rule."""
    verdict = VERDICTS[label == gold, described == gold] if gold and described and label else "unscored"
    detail = "" if verdict != "unscored" else "unparsed" if gold else "no_gold"
    reason = "" if label else "unparsed"
    return Pair(
        item_id,
        gold=gold,
        described=described,
        label=label,
        reason=reason,
        verdict=verdict,
        **more | {"detail": detail},
    )


def write_side(folder: Path, pairs: Iterable[Pair], **run: Any) -> Path:
    """Write an analysis; `run` adds to `run.json`, its `options` to those of the default."""
    write_records(folder, pairs)
    (folder / "tables").mkdir(exist_ok=True)
    options: Mapping[str, Any] = {"label_mode": "classify", "support": "strict", "confidence": 0.95}
    content = {"descan": "0.1.0", "corpus": {"name": "made"}, **run, "options": {**options, **run.get("options", {})}}
    (folder / "run.json").write_text(json.dumps(content), encoding="utf-8")
    return folder
