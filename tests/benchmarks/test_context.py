"""medspaCy's ConText in its own environment, on machines that have it."""

import pytest

from benchmarks.context import is_installed, run_context


@pytest.mark.skipif(
    not is_installed(), reason="medspaCy wants an older spaCy; `make bench` installs it in an environment of its own"
)
def test_context_tells_which_spans_are_negated() -> None:
    result = run_context([{"text": "She is not smiling. Her eyes are wide.", "spans": [(11, 18), (24, 37)]}])
    assert result["negated"] == [[True, False]]
    assert result["versions"].startswith("medspacy ")
