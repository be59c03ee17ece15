"""The commands and what they share: the version, and one line for an error."""

import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from descan.cli.analyze import analyze_command
from descan.cli.check import check_command
from descan.cli.collect import collect_command
from descan.cli.compare import compare_command
from descan.cli.docs import docs_command
from descan.cli.explain import explain_command
from descan.cli.export import cite_command, export_command
from descan.cli.help import HELP_NAMES, Command, Group
from descan.cli.import_logs import import_command
from descan.cli.judge import judge_command
from descan.cli.lexicon import lexicon_app
from descan.cli.power import power_command
from descan.cli.report import report_command
from descan.cli.review import review_command
from descan.cli.witness import witness_command
from descan.errors import DescanError, OptionError, explain_os_error
from descan.interruption import end_if_interrupted
from descan.terminal import prepare_streams, print_problem, print_warnings

_SPELLINGS = {
    "aliases": "--alias",
    "models": "--model",
    "described_models": "--described-model",
    "paths": "PATH",
    "modes": "--mode",
    "names": "--name",
    "formats": "--format",
    "figure_formats": "--figure-format",
    "prompts": "--prompt",
    "run_file": "--run",
    "settings": "--set",
    "source": "SOURCE",
}
"""Options of the command line that are not spelled like their names in Python."""

_COMPLETION = "_DESCAN_COMPLETE"
"""Tells typer that a shell asks for completions."""

app = typer.Typer(
    name="descan",
    help="Tell whether a vision-language model failed to see a facial expression, or saw it and labelled it wrong.",
    cls=Group,
    context_settings=HELP_NAMES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
_COMMANDS: dict[str, Callable[..., None]] = {
    "analyze": analyze_command,
    "compare": compare_command,
    "check": check_command,
    "report": report_command,
    "review": review_command,
    "export": export_command,
    "cite": cite_command,
    "collect": collect_command,
    "judge": judge_command,
    "import": import_command,
    "witness": witness_command,
    "power": power_command,
    "explain": explain_command,
    "docs": docs_command,
}
for _name, _function in _COMMANDS.items():
    app.command(_name, cls=Command)(_function)
app.add_typer(lexicon_app, name="lexicon")


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
    prepare_streams()
    print_warnings()
    if _COMPLETION in os.environ:
        os.environ["COLUMNS"] = "1000"  # A shell takes each line for a completion, so no help may be wrapped.
    try:
        app()
        sys.stdout.flush()
    except (DescanError, OSError) as error:
        end_if_interrupted()
        print_problem(_describe(error))
        sys.exit(1)


def spell_option(name: str) -> str:
    """Return the spelling of an option on the command line: `--jobs` for `n_jobs`."""
    return _SPELLINGS.get(name) or "--" + name.removeprefix("n_").replace("_", "-")


def _describe(error: DescanError | OSError) -> str:
    if isinstance(error, OptionError):
        return f"{spell_option(error.option)} {error.problem}"
    return str(explain_os_error(error) if isinstance(error, OSError) else error)
