"""Tells a source that has gone, as with a dropped network drive, from single files that cannot be read."""

from descan.errors import DescanError
from descan.media.media_files import MediaError

MAX_UNREADABLE = 10
"""Items in a row whose media are gone or unreadable before the run is stopped."""


class SourceGone(DescanError):  # noqa: N818 (as BudgetReached: a reason to end the run in good order)
    """The media of many items in a row could not be read."""


class SourceWatch:
    """Counts items in a row whose media could not be read; shared by the models of a run, which have one source."""

    def __init__(self) -> None:
        """Start with a source that can be read."""
        self._unreadable: set[int] = set()

    def note(self, row: int, error: MediaError | None) -> None:
        """Note whether the media of an item could be read.

        Args:
            row: The item's index in the run.
            error: Why they cannot be sent, or None if they can.

        Raises:
            SourceGone: If this was one too many in a row.
        """
        if error is None or not error.is_passing:
            self._unreadable.clear()
            return
        self._unreadable.add(row)
        if len(self._unreadable) >= MAX_UNREADABLE:
            raise SourceGone(
                f"the media of {MAX_UNREADABLE} items in a row cannot be read, lastly {error}; check the disk or the "
                "network drive of the source, then run again"
            )
