"""The command line: a module a command."""

from descan.interruption import exit_on_signals


def main() -> None:
    """Run the command line."""
    with exit_on_signals():
        from descan.cli.app import run

        run()
