"""The help of the commands as plain text: commands and options in the groups of `help.toml`, then examples."""

from typing import Any

from typer import BadParameter
from typer.core import TyperCommand, TyperGroup

HELP_NAMES = {"help_option_names": ["-h", "--help"]}

_ARGUMENTS, _OTHERS = "Arguments", "Options"
_OF_PYDANTIC = "Value error, "


class Command(TyperCommand):
    """A command with its options in groups, and examples."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the options; what is wrong with a value is said without the words of the package that found it."""
        try:
            return super().parse_args(ctx, args)
        except BadParameter as error:
            error.message = error.message.removeprefix(_OF_PYDANTIC)
            raise

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments, the groups of options in the order of the file, and last the other options."""
        _write_options(self, ctx, formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples."""
        _write_examples(ctx, formatter)


class Group(TyperGroup):
    """Commands, in groups, and examples."""

    command_class = Command

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the groups of commands in the order of the file, then the options."""
        commands = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        rows = {name: (name, one.get_short_help_str(limit=200)) for name, one in commands.items() if one is not None}
        groups = _load()["commands"] if ctx.parent is None else {}
        _write_groups(rows, groups, "Commands", formatter)
        _write_options(self, ctx, formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples."""
        _write_examples(ctx, formatter)


def _write_options(command: Any, ctx: Any, formatter: Any) -> None:
    arguments: dict[str, tuple[str, str]] = {}
    options: dict[str, tuple[str, str]] = {}
    for parameter in command.get_params(ctx):
        if (row := parameter.get_help_record(ctx)) is not None:
            is_argument = parameter.param_type_name == "argument"
            (arguments if is_argument else options)[parameter.opts[0]] = row
    _write_groups(arguments, {}, _ARGUMENTS, formatter)
    _write_groups(options, _entry(ctx).get("groups", {}), _OTHERS, formatter)


def _write_groups(rows: dict[str, tuple[str, str]], groups: dict[str, list[str]], others: str, formatter: Any) -> None:
    """Write rows in groups; what is in no group comes last, as `others`."""
    rows = dict(rows)
    parts = {title: [rows.pop(name) for name in names if name in rows] for title, names in groups.items()}
    for title, part in [*parts.items(), (others, list(rows.values()))]:
        if part:
            with formatter.section(title):
                formatter.write_dl(part)


def _write_examples(ctx: Any, formatter: Any) -> None:
    if examples := _entry(ctx).get("examples"):
        formatter.write_paragraph()
        formatter.write("Examples:\n")
        for example in examples:
            formatter.write(f"  {example}\n")


def _entry(ctx: Any) -> dict[str, Any]:
    """Return what the file has for a command; `lexicon show` for a command of a group."""
    names: list[str] = []
    while ctx.parent is not None:
        names.insert(0, ctx.info_name)
        ctx = ctx.parent
    entry: dict[str, Any] = _load().get(" ".join(names) or "descan", {})
    return entry


def _load() -> dict[str, Any]:
    import tomllib
    from importlib.resources import files

    return tomllib.loads(files("descan.cli").joinpath("help.toml").read_text(encoding="utf-8"))
