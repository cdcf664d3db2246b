"""The parts of the reference that are generated from the code, as MkDocs hooks.

A page holds a line such as ``<!-- generated: commands -->``; the text that
:data:`GENERATORS` makes for it stands there in the built page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

import dmc_widgets as dmc
from dmc_widgets.cli import app
from dmc_widgets.cli.format_names import NamingCommand
from dmc_widgets.formats import FORMATS
from dmc_widgets.widgets import toolkit

_MARK = re.compile(r"<!-- generated: ([a-z-]+) -->")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Fill the generated parts of a page (an event of MkDocs)."""
    return _MARK.sub(lambda mark: GENERATORS[mark[1]](), markdown)


def commands() -> str:
    """Describe each command with its usage, arguments, options and examples."""
    return "\n\n".join(_describe_commands(get_group(app), "dmc"))


def _describe_commands(group: TyperGroup, prefix: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if command.hidden:
            continue
        title = f"{prefix} {name}"
        if isinstance(command, TyperGroup):
            yield f"## {title}\n\n{command.help or ''}"
            yield from _describe_commands(command, title)
        elif isinstance(command, NamingCommand):
            command.name_formats()
            yield "\n\n".join(_describe_command(command, title))


def _describe_command(command: TyperCommand, title: str) -> Iterator[str]:
    level = "#" * (1 + len(title.split()) - 1)
    yield f"{level}# `{title}`" if level != "#" else f"## `{title}`"
    with command.context_class(command, info_name=title) as context:
        usage = " ".join(command.collect_usage_pieces(context))
        yield _paragraphs(command.help or "")
        yield f"```text\n{title} {usage}\n```"
        yield _options_table(command, context)
    if command.epilog:
        yield _examples(command.epilog)


def _paragraphs(text: str) -> str:
    return re.sub(r"\n(?!\n)", " ", text.replace("\b", "")).strip()


def _options_table(command: TyperCommand, context: Any) -> str:
    rows = ["| argument or option | meaning |", "|---|---|"]
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is None:
            text = getattr(parameter, "help", None) or ""
            rows.append(f"| `{parameter.name}` | {_cell(text)} |")
        else:
            name = re.sub(r" <\w+>$", "", record[0])
            rows.append(f"| `{_cell(name)}` | {_cell(record[1])} |")
    return "\n".join(rows)


def _examples(epilog: str) -> str:
    lines = epilog.replace("\b", "").strip().splitlines()
    commands = [line.strip() for line in lines if line.strip().startswith("dmc ")]
    return "```console\n" + "\n".join(f"$ {line}" for line in commands) + "\n```"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def errors_of_tasks() -> str:
    """List the codes of what stops a task, or keeps it from starting."""
    return _codes(stops=True)


def errors_of_records() -> str:
    """List the codes of failed records, with the texts that are fixed."""
    return _codes(stops=False)


def _codes(*, stops: bool) -> str:
    rows = ["| code | meaning | texts |", "|---|---|---|"]
    for entry in dmc.error_catalogue():
        if entry.stops is stops:
            texts = "<br>".join(f"*{_cell(text.text)}*" for text in entry.texts)
            rows.append(f"| `{entry.code}` | {_cell(entry.meaning)} | {texts} |")
    return "\n".join(rows)


def formats() -> str:
    """List the formats, as they are registered."""
    rows = ["| format | files | read | written |", "|---|---|---|---|"]
    for name, format_ in FORMATS.items():
        info = format_.info
        read, written = (
            "yes" if able else "no" for able in (info.can_read, info.can_write)
        )
        rows.append(f"| `{name}` | `*.{info.extension}` | {read} | {written} |")
    return "\n".join(rows)


def public_names() -> str:
    """Name every public object for mkdocstrings, which takes its docstring."""
    return "\n\n".join(f"::: dmc_widgets.{name}" for name in dmc.__all__)


def widgets() -> str:
    """Name every public widget for mkdocstrings, which takes its docstring."""
    names = (x for x in toolkit.__all__ if x != "dashboard")
    return "\n\n".join(f"::: dmc_widgets.widgets.{name}" for name in names)


GENERATORS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "errors-of-tasks": errors_of_tasks,
    "errors-of-records": errors_of_records,
    "formats": formats,
    "public-names": public_names,
    "widgets": widgets,
}
