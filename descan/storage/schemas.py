"""Columns of the Parquet files of an analysis; other people's scripts read them, so they are a contract."""

import pyarrow as pa

from descan.emotions import CategorySet


def _columns(kind: pa.DataType, *names: str) -> list[tuple[str, pa.DataType]]:
    return [(name, kind) for name in names]


_STRING, _INT32, _INT64, _FLOAT64 = pa.string(), pa.int32(), pa.int64(), pa.float64()
_KEY = [*_columns(_STRING, "item_id", "model"), *_columns(_INT32, "repeat")]

ITEMS = pa.schema(
    [
        *_columns(_STRING, "item_id", "gold", "group", "media"),
        *_columns(pa.map_(_STRING, _FLOAT64), "gold_distribution"),
    ]
)
"""`gold_distribution` is the number or share of annotators who chose each category; null if not known."""

ANSWERS = pa.schema(
    [
        *_KEY,
        *_columns(_STRING, "mode", "status", "text"),
        *_columns(_FLOAT64, "latency_s", "waited_s"),
        *_columns(_INT64, "retries", "input_tokens", "output_tokens", "thinking_tokens"),
        *_columns(_FLOAT64, "cost_usd"),
        *_columns(_STRING, "language", "prompt"),
    ]
)
"""Every answer that was read, with its text, so that an analysis can be traced without its corpus.

`prompt` is the name of the prompt, or the first digits of its hash; null if not known.
"""

MENTIONS = pa.schema(
    [
        *_KEY,
        *_columns(_STRING, "kind"),
        *_columns(_INT32, "start", "end"),
        *_columns(_STRING, "text", "entry", "region", "action", "aus", "term", "category", "category_source"),
        *_columns(pa.float32(), "similarity"),
        *_columns(pa.bool_(), "negated", "hedged"),
        *_columns(_STRING, "degree", "side", "target", "negation_cue", "hedge_cue"),
        *_columns(pa.bool_(), "is_conclusion"),
    ]
)
"""One row a mention, in the order of the text. What does not apply is null for a number, else an empty string."""

MENTION = pa.schema([field for field in MENTIONS if field.name not in dict(_KEY)])
"""Without the answer that a mention is in."""

WITNESSES = pa.schema(
    [
        *_columns(_STRING, "item_id", "witness"),
        *_columns(_INT32, "action_unit"),
        *_columns(_STRING, "side"),
        *_columns(_FLOAT64, "present", "intensity", "probability"),
    ]
)
"""What a witness says of one action unit of an item: one of the three values, as it was given; null for the others."""

WITNESSED = pa.schema(
    [
        *_columns(_STRING, "item_id", "model"),
        *_columns(_INT32, "repeat"),
        *_columns(_STRING, "action", "witness"),
        *_columns(pa.bool_(), "present"),
        *_columns(_STRING, "mentioned", "outcome", "side", "said_side", "aus"),
    ]
)
"""A row for each description, witness and action that the witness can tell of its item.

`mentioned` is asserted, hedged, negated or no; `outcome` is hit, omitted, denied, hallucinated or correct_rejection;
`side` is where the witness sees it and `said_side` where the text does: left, right or empty; `aus` are the units
of the action. Actions of the same units have the same outcome.
"""

DECIDED = pa.schema(
    [
        *_KEY,
        *_columns(_STRING, "prompt", "way", "kind", "name"),
        *_columns(_FLOAT64, "probability"),
    ]
)
"""A row for each probability that a model gave when it was asked, where answers have mode `decide`.

`kind` is emotion or action, `name` a category or an action. Actions of the same units have the same probability. `way`
is decisions, logprobs or schema, empty if not known.
"""

READERS = pa.schema(
    [
        *_columns(_STRING, "item_id", "model", "reader", "kind", "described"),
        *_columns(_INT32, "repeat"),
        *_columns(_STRING, "second"),
        *_columns(_INT32, "judge_repeat"),
        *_columns(_STRING, "status"),
    ]
)
"""A row for each description and reader, where others than descan have read; `kind` is person, judge or descan.

`described` is null where `status` is not read: cannot tell, refusal or unparsed; `second` is null where not given.
"""

_READ = [*_KEY, *_columns(_STRING, "described")]
_READ_AS = [
    *_columns(_FLOAT64, "valence"),
    *_columns(_STRING, "actions_described", "terms_described"),
    *_columns(_FLOAT64, "actions_share", "terms_share"),
    *_columns(_INT32, "n_words", "n_actions", "n_regions", "n_emotions", "n_hedged", "n_negated"),
    *_columns(pa.bool_(), "refused"),
    *_columns(pa.list_(_STRING), "named"),
    *_columns(_STRING, "described_without_embedding", "described_by_embedding", "language"),
]

READINGS = pa.schema([*_READ, *_READ_AS])
"""Without the scores, whose columns depend on the category set."""


def readings_schema(categories: CategorySet) -> pa.Schema:
    """Return the columns of `readings.parquet`, with a score for each category of a set."""
    return pa.schema([*_READ, *_columns(_FLOAT64, *categories.score_columns), *_READ_AS])


OWN_READINGS, OWN_VERDICTS = "descan_readings", "descan_verdicts"
"""The records with what descan reads and its verdicts, where people's readings stand in those without `descan_`."""


def overridden_schema(categories: CategorySet) -> pa.Schema:
    """Return the columns of `readings.parquet` where people's readings stand in it; `read_by` is people or descan."""
    return pa.schema([*readings_schema(categories), *_columns(_STRING, "read_by")])


LABELS = pa.schema(
    [
        *_columns(_STRING, "item_id", "model", "mode"),
        *_columns(_INT32, "repeat"),
        *_columns(_STRING, "label", "reason"),
    ]
)
"""`label` is null where `reason` says why there is none."""

_VERDICT = _columns(_STRING, "item_id", "model", "gold", "label", "described", "verdict", "detail", "evidence")

VERDICTS = pa.schema([*_VERDICT, *_columns(_INT32, "repeat", "label_repeat"), *_columns(_FLOAT64, "weight")])
"""A row for each description and label of an item that can be used; weights of an item and model sum to 1.

`gold`, `label` and `described` are null where missing, and so are `repeat` (of the description) and `label_repeat`;
`detail` is empty where a verdict has none.
"""

VERDICTS_OF_ITEMS = pa.schema(_VERDICT)
"""What older analyses have: one row for each item and model."""

FLIPS = pa.schema(
    _columns(
        _STRING,
        *("item_id", "model_a", "model_b", "gold", "group", "verdict_a", "verdict_b", "detail_a", "detail_b"),
        *("label_a", "label_b", "described_a", "described_b"),
    )
)
"""Of `flips.parquet` of a comparison: items whose verdict differs between two analyses; null where missing."""
