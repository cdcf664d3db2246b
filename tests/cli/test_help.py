"""The help of groups, which lists commands that are not loaded for it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group
from typer.testing import CliRunner

from dmc_widgets import formats
from dmc_widgets.cli import app
from dmc_widgets.cli.lazy_commands import LazyGroup, load_command
from dmc_widgets.formats import registry
from dmc_widgets.formats.csv.format import CsvFormat
from dmc_widgets.formats.json.format import JsonFormat


def _first_paragraph(text: str | None) -> str:
    return " ".join((text or "").split("\n\n")[0].split())


def _groups() -> dict[str, LazyGroup]:
    root = get_group(app)
    assert isinstance(root, LazyGroup)
    groups = {"": root}
    for name in root.commands:
        command = root.commands[name]
        if isinstance(command, LazyGroup):
            groups[name] = command
    return groups


def test_summaries_are_the_first_paragraphs_of_the_commands() -> None:
    """A group lists the commands that are not hidden, as each describes itself."""
    groups = _groups()

    assert {"", "installation", "task", "template", "user"} <= groups.keys()
    for group in groups.values():
        described = {
            name: _first_paragraph(command.help)
            for name, command in group.commands.items()
            if not command.hidden
        }
        assert group.summaries == described


def test_help_lists_commands_and_groups_and_no_old_spelling() -> None:
    lines = CliRunner().invoke(app, ["--help"]).output.splitlines()

    assert "  restore         Bring the items of a backup back, as they were." in lines
    assert "  task            The tasks of the workspace." in lines
    assert not [line for line in lines if line.startswith(("  connect ", "  tasks "))]


def test_help_names_the_formats_that_a_plug_in_adds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    yaml = JsonFormat()
    monkeypatch.setattr(yaml, "info", replace(yaml.info, name="YAML", extension="yaml"))
    monkeypatch.setattr(registry, "_find_entry_points", lambda _group: [])
    plug_ins = registry.FormatRegistry((CsvFormat(), yaml))
    monkeypatch.setattr(formats, "FORMATS", plug_ins)

    imported = load_command("import", "import_export:import_records")
    exported = load_command("export", "import_export:export_records")

    assert "  FILE    CSV or YAML, alone in a zip or gzip" in _help_of(imported)
    assert "  CSV, YAML. Without it, the format as which" in _help_of(exported)


def _help_of(command: TyperCommand | TyperGroup) -> str:
    with command.context_class(command, info_name="dmc") as context:
        return command.get_help(context)
