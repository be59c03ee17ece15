"""Columns of the Parquet files of an analysis; other people's scripts read them, so they are a contract."""

import pyarrow as pa

from descan.emotions import Emotion

SCORE_COLUMNS = tuple(f"score_{emotion.lower()}" for emotion in Emotion)
"""One column of `readings.parquet` per category, in the order of `Emotion`."""

_KEY = [("item_id", pa.string()), ("model", pa.string()), ("repeat", pa.int32())]

ITEMS = pa.schema([("item_id", pa.string()), ("gold", pa.string()), ("group", pa.string()), ("media", pa.string())])

ANSWERS = pa.schema(
    [
        *_KEY,
        ("mode", pa.string()),
        ("status", pa.string()),
        ("text", pa.string()),
        ("latency_s", pa.float64()),
        ("input_tokens", pa.int64()),
        ("output_tokens", pa.int64()),
        ("thinking_tokens", pa.int64()),
        ("cost_usd", pa.float64()),
    ]
)
"""Every answer that was read, with its text, so that an analysis can be traced without its corpus."""

MENTIONS = pa.schema(
    [
        *_KEY,
        ("kind", pa.string()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("text", pa.string()),
        ("entry", pa.string()),
        ("region", pa.string()),
        ("action", pa.string()),
        ("aus", pa.string()),
        ("term", pa.string()),
        ("category", pa.string()),
        ("category_source", pa.string()),
        ("similarity", pa.float32()),
        ("negated", pa.bool_()),
        ("hedged", pa.bool_()),
        ("degree", pa.string()),
        ("side", pa.string()),
        ("target", pa.string()),
        ("negation_cue", pa.string()),
        ("hedge_cue", pa.string()),
        ("is_conclusion", pa.bool_()),
    ]
)
"""One row a mention, in the order of the text. What does not apply is null for a number, else an empty string."""

READINGS = pa.schema(
    [
        *_KEY,
        ("described", pa.string()),
        *((column, pa.float64()) for column in SCORE_COLUMNS),
        ("valence", pa.float64()),
        ("actions_described", pa.string()),
        ("terms_described", pa.string()),
        ("actions_share", pa.float64()),
        ("terms_share", pa.float64()),
        ("n_words", pa.int32()),
        ("n_actions", pa.int32()),
        ("n_regions", pa.int32()),
        ("n_emotions", pa.int32()),
        ("n_hedged", pa.int32()),
        ("n_negated", pa.int32()),
        ("refused", pa.bool_()),
        ("named", pa.list_(pa.string())),
        ("described_without_embedding", pa.string()),
    ]
)

LABELS = pa.schema(
    [
        ("item_id", pa.string()),
        ("model", pa.string()),
        ("mode", pa.string()),
        ("repeat", pa.int32()),
        ("label", pa.string()),
        ("reason", pa.string()),
    ]
)
"""`label` is null where `reason` says why there is none."""

VERDICTS = pa.schema(
    [
        ("item_id", pa.string()),
        ("model", pa.string()),
        ("gold", pa.string()),
        ("label", pa.string()),
        ("described", pa.string()),
        ("verdict", pa.string()),
        ("detail", pa.string()),
        ("evidence", pa.string()),
    ]
)
"""`gold`, `label` and `described` are null where missing; `detail` is empty where a verdict has none."""
