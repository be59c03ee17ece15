"""The command line: a module a command."""


def main() -> None:
    """Run the command line."""
    from descan.cli.app import run

    run()
