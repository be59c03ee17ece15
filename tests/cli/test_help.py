"""The help of every command, and completion in the shells that are there."""

import os
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import typer

from descan.cli.app import app
from tests.cli.conftest import Run

HELP = tomllib.loads(files("descan.cli").joinpath("help.toml").read_text(encoding="utf-8"))
BIN = Path(sys.executable).parent


def list_commands(command: Any, *names: str) -> Iterator[tuple[str, Any]]:
    """Yield every command by its words, groups of commands as well."""
    yield " ".join(names), command
    for name, inner in getattr(command, "commands", {}).items():
        yield from list_commands(inner, *names, name)


COMMANDS = dict(list_commands(typer.main.get_command(app)))


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_plain_and_names_every_option_once(run: Run, name: str) -> None:
    outcome = run(*name.split(), "-h")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == run(*name.split(), "--help").out
    shown = [
        line.split()[0].rstrip(",").partition("/")[0] for line in outcome.out.splitlines() if line.startswith("  -")
    ]
    options = [parameter for parameter in COMMANDS[name].params if parameter.param_type_name == "option"]
    assert sorted(shown) == sorted([*(min(option.opts, key=len) for option in options), "-h"])


def test_the_file_of_help_names_commands_and_options_that_there_are() -> None:
    listed = [name for names in HELP["commands"].values() for name in names]
    assert sorted(listed) == sorted(COMMANDS[""].commands)
    for name, entry in HELP.items():
        if name not in ("commands", "descan"):
            known = {option for parameter in COMMANDS[name].params for option in parameter.opts}
            grouped = [option for options in entry.get("groups", {}).values() for option in options]
            assert len(grouped) == len(set(grouped))
            assert set(grouped) <= known, name


@pytest.mark.parametrize("name", [name for name in HELP if name not in ("commands", "descan")])
def test_the_examples_of_a_command_are_ones_that_it_takes(name: str) -> None:
    for example in HELP[name]["examples"]:
        [part] = [part for part in example.split(" | ") if part.startswith("descan ")]
        words = shlex.split(part)[1:]
        assert words[: len(name.split())] == name.split()
        COMMANDS[name].make_context(name, words[len(name.split()) :])  # Wrong usage is an error.


def complete(shell: str, *script: str) -> str:
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"{shell} is not installed")
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "HOME": "/nonexistent"}
    options = ["-f"] if shell == "zsh" else []
    command = [path, *options, "-c", "; ".join(script)]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout


def test_bash_completes_commands_and_options() -> None:
    begin = "source <(_DESCAN_COMPLETE=source_bash descan)"
    end = '_descan_completion descan; echo "${COMPREPLY[*]}"'
    assert complete("bash", begin, "COMP_WORDS=(descan an); COMP_CWORD=1", end).split() == ["analyze"]
    assert "--lexicon" in complete("bash", begin, "COMP_WORDS=(descan analyze --le); COMP_CWORD=2", end).split()


def test_zsh_completes_commands() -> None:
    begin = 'autoload -Uz compinit; compinit -D; eval "$(_DESCAN_COMPLETE=source_zsh descan)"'
    shown = "_arguments() { print -r -- $@ }; words=(descan an); CURRENT=2; $_comps[descan]"
    assert '"analyze"' in complete("zsh", begin, shown)


def test_fish_completes_commands_and_options_each_on_one_line() -> None:
    begin = "_DESCAN_COMPLETE=source_fish descan | source"
    assert complete("fish", begin, "complete -C 'descan an'").startswith("analyze\t")
    lines = complete("fish", begin, "complete -C 'descan analyze --le'").splitlines()
    assert [line.partition("\t")[0] for line in lines] == ["--lenient-threshold", "--lexicon"]
