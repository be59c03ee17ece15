"""Why a model stopped, in the words of providers and of evaluation tools, as the status of its answer."""

from descan.records import Status

_CUT = frozenset({"continuation", "length", "max_output_tokens", "max_tokens", "model_length"})
_BLOCKED = frozenset(
    {
        "blocklist",
        "content_filter",
        "escalation",
        "image_other",
        "image_prohibited_content",
        "image_recitation",
        "image_safety",
        "language",
        "model_armor",
        "other",
        "prohibited_content",
        "recitation",
        "safety",
        "spii",
    }
)


def find_status(reason: str) -> Status | None:
    """Return `truncated` or `blocked` if a reason says so, in any case of letters, and None for any other reason."""
    folded = reason.lower()
    if folded in _CUT:
        return Status.TRUNCATED
    return Status.BLOCKED if folded in _BLOCKED else None
