"""medspaCy's ConText in its own environment, on machines that have it.

Only `make bench` installs it: nothing but a comparison of the benchmarks uses it, and it wants an older spaCy than
descan, so continuous integration does without and skips this test.
"""

import pytest

from benchmarks.context import is_installed, run_context


@pytest.mark.skipif(not is_installed(), reason="medspaCy is for the benchmarks alone; `make bench` installs it")
def test_context_tells_which_spans_are_negated() -> None:
    result = run_context([{"text": "She is not smiling. Her eyes are wide.", "spans": [(11, 18), (24, 37)]}])
    assert result["negated"] == [[True, False]]
    assert result["versions"].startswith("medspacy ")
