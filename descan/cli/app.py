"""The commands and what they share: the version, and one line for an error."""

import signal
import sys
from typing import Annotated

import typer

from descan.cli.analyze import analyze_command
from descan.cli.collect import collect_command
from descan.cli.explain import explain_command
from descan.cli.report import report_command
from descan.errors import DescanError, OptionError, explain_os_error
from descan.terminal import prepare_streams, print_problem, print_warnings

INTERRUPTED = 130
"""Exit code after Ctrl-C."""

_SPELLINGS = {
    "aliases": "--alias",
    "media_folder": "--corpus",
    "models": "--model",
    "modes": "--mode",
    "prompts": "--prompt",
    "run_file": "--run",
    "settings": "--set",
    "source": "SOURCE",
}
"""Options of the command line that are not spelled like their names in Python."""

app = typer.Typer(
    name="descan",
    help="Tell whether a vision-language model failed to see a facial expression, or saw it and labelled it wrong.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("analyze")(analyze_command)
app.command("report")(report_command)
app.command("collect")(collect_command)
app.command("explain")(explain_command)


@app.callback(invoke_without_command=True)
def descan(
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.", is_eager=True)] = False,
) -> None:
    """Print the version if it is asked for."""
    if version:
        from importlib.metadata import version as version_of

        typer.echo(f"descan {version_of('descan')}")
        raise typer.Exit


def run() -> None:
    """Run the command line: an error that descan knows is one line and exit code 1, wrong usage exit code 2."""
    signal.signal(signal.SIGTERM, _end_cleanly)
    prepare_streams()
    print_warnings()
    try:
        app()
        sys.stdout.flush()
    except OptionError as error:
        print_problem(f"{spell_option(error.option)} {error.problem}")
        sys.exit(1)
    except DescanError as error:
        print_problem(str(error))
        sys.exit(1)
    except OSError as error:
        print_problem(str(explain_os_error(error)))
        sys.exit(1)
    except KeyboardInterrupt:
        _say_interrupted()
        sys.exit(INTERRUPTED)
    except SystemExit as ended:
        # Typer turns Ctrl-C into this, without a word; a command that handled Ctrl-C itself has said how it ended.
        if isinstance(getattr(ended.__context__, "__cause__", None), KeyboardInterrupt):
            _say_interrupted()
        raise


def spell_option(name: str) -> str:
    """Return the spelling of an option on the command line: `--jobs` for `n_jobs`."""
    return _SPELLINGS.get(name) or "--" + name.removeprefix("n_").replace("_", "-")


def _end_cleanly(number: int, frame: object) -> None:  # noqa: ARG001 (the system gives both)
    sys.exit(128 + number)


def _say_interrupted() -> None:
    print("descan: interrupted; nothing half-written is left", file=sys.stderr)
