"""The command line: a module a command. Nothing is imported before Ctrl-C can end it in one line."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType


def main() -> None:
    """Run the command line."""
    import _signal as signal  # type: ignore[import-not-found]  # `signal` itself imports much more.

    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:
        _set_handler(_end_at_once)
    try:
        from descan.interruption import exit_on_signals

        with exit_on_signals():
            from descan.cli.app import run

            run()
    finally:
        if before is signal.default_int_handler:
            _set_handler(before)


def _set_handler(handler: object) -> None:
    import _signal as signal

    try:
        signal.signal(signal.SIGINT, handler)
    except ValueError:  # Only the main thread may do so.
        return


def _end_at_once(number: int, frame: "FrameType | None") -> None:  # noqa: ARG001 (the system passes both)
    """End the process while it is still importing: there is nothing to clean up."""
    import os

    os.write(2, b"descan: interrupted; nothing half-written is left\n")
    os._exit(128 + number)
