"""spaCy without torch, which its backend would import for itself wherever it is installed."""

import sys


def import_spacy_alone() -> None:
    """Import spaCy, and torch not with it.

    Only for a process of our own: elsewhere somebody may want spaCy and torch together.
    """
    if "torch" in sys.modules:
        return
    sys.modules["torch"] = None  # type: ignore[assignment]
    try:
        import spacy  # noqa: F401
    finally:
        del sys.modules["torch"]
