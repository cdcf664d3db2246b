"""The command line application: its groups, its common options and its errors."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from .. import __version__
from ..errors import DmcError
from .command_context import Invocation, error_exit_status
from .lazy_commands import (
    CommandLoader,
    LazyCommands,
    LazyGroup,
    load_command,
    load_group,
    new_app,
    summarize,
)
from .local_paths import parse_local_path

Workspace = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        metavar="DIR",
        envvar="DMC_WORKSPACE",
        parser=parse_local_path,
        help="The folder of connections, templates, tasks and files. "
        "Made when it is not there. Without it: a folder of yours.",
    ),
]


class _Group(LazyGroup):
    """Turns an expected error into one line and an exit status, for all commands."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = LazyCommands(_root_loaders())
        titles = {name: title for name, (title, _) in _GROUPS.items()}
        self.summaries = summarize(_COMMANDS) | titles

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except DmcError as exc:
            _print_error(str(exc))
            raise typer.Exit(error_exit_status(exc)) from exc
        except BrokenPipeError:
            raise  # the reader of our output has had enough; Typer ends quietly
        except OSError as exc:
            _print_error(f"{exc.filename or 'The system'}: {exc.strerror or exc}.")
            raise typer.Exit(1) from exc


def _print_error(message: str) -> None:
    typer.echo(f"Error: {' '.join(message.split())}", err=True)


class _TaskGroup(LazyGroup):
    """The group `dmc task`, where a number alone is the task to show."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if any(word.isdigit() for word in args) and args[0] not in self.commands:
            args = ["show", *args]
        return super().parse_args(ctx, args)


app = new_app(_Group)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"dmc {__version__}")
        raise typer.Exit


@app.callback()
def start(
    ctx: typer.Context,
    workspace: Workspace = None,
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Print the version and exit.",
        ),
    ] = False,
) -> None:
    """Move object definitions and object entries between Liferay installations.

    ENTITY is a short name (Campaign, C_Campaign, ObjectDefinition) or a full class
    key. Exit status: 0 all records done, 3 done with failed records, 1 failed,
    cancelled or paused, 2 wrong use.
    """
    ctx.obj = replace(ctx.obj or Invocation(), workspace=workspace)


_COMMANDS: Final[dict[str, str]] = {
    "export": "import_export:export_records",
    "import": "import_export:import_records",
    "preview": "preview:preview_records",
    "suggest": "import_export:suggest_entity_type",
    "mapping": "import_export:save_mapping",
    "package": "packages:import_package",
    "migrate": "migration:migrate",
    "history": "running.history:show_history",
    "prune": "running.prune:prune_tasks",
    "cancel": "tasks:cancel_task",
    "pause": "tasks:pause_task",
    "resume": "running.resume:resume_task",
    "export-package": "migration:export_package",
    "backup": "running.backups:back_up",
    "restore": "running.backups:restore",
    "verify": "running.verification:verify",
    "compare": "comparing:compare_installations",
    "show": "browsing:show_records",
    "changes": "running.changes:list_changes",
    "run": "running.shown_run:run_as_shown",
    "outcomes": "running.outcomes:list_outcomes",
    "failures": "running.repair:list_failures",
    "retry": "running.repair:retry_failures",
    "undo": "running.undo:undo_task",
    "errors": "error_codes:explain_errors",
    "work": "workspaces:work",
    "serve": "servers:serve_dashboard",
    "sandbox": "servers:serve_sandbox",
}
_GROUPS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "installation": (
        "The installations of the workspace, and what they hold.",
        {
            "add": "installations:connect",
            "list": "installations:list_installations",
            "show": "browsing:show_installation",
            "test": "installations:test_installation",
            "rename": "installations:rename_installation",
            "remove": "installations:remove_installation",
            "entities": "installations:list_entities",
            "fields": "installations:list_fields",
            "sites": "installations:list_sites",
        },
    ),
    "task": (
        "The tasks of the workspace.",
        {
            "list": "tasks:list_tasks",
            "show": "tasks:show_task",
            "log": "tasks:show_log",
            "report": "tasks:save_report",
            "cancel": "tasks:cancel_task",
            "pause": "tasks:pause_task",
            "resume": "running.resume:resume_task",
            "again": "running.reruns:run_again",
            "compare": "running.reruns:compare_tasks",
        },
    ),
    "notification": (
        "Messages when a long task ends: by mail, to a webhook, to a chat.",
        {
            "add": "running.notifications:add_notification",
            "list": "running.notifications:list_notifications",
            "remove": "running.notifications:remove_notification",
            "test": "running.notifications:send_test_message",
        },
    ),
    "user": (
        "Users who sign in at the dashboard, and their roles.",
        {
            "add": "users:add_user",
            "list": "users:list_users",
            "role": "users:set_roles",
            "password": "users:set_password",
            "remove": "users:remove_user",
        },
    ),
    "workspace": (
        "Where the workspace is kept, and who runs its tasks.",
        {"database": "workspaces:use_database", "pool": "workspaces:use_pool"},
    ),
    "template": (
        "The named plans of the workspace.",
        {
            "list": "templates:list_templates",
            "show": "templates:show_template",
            "rename": "templates:rename_template",
            "duplicate": "templates:duplicate_template",
            "export": "templates:export_templates",
            "import": "templates:import_templates",
            "delete": "templates:delete_template",
        },
    ),
}
_OLD_SPELLINGS: Final[dict[str, str]] = {
    "connect": "installations:connect",
    "installations": "installations:list_installations",
    "entities": "installations:list_entities",
    "fields": "installations:list_fields",
    "tasks": "tasks:list_tasks",
    "report": "tasks:save_report",
    "templates": "templates:list_templates",
}
"""Commands from before there were groups. Scripts use them; no help shows them."""


def _root_loaders() -> dict[str, CommandLoader]:
    loaders: dict[str, CommandLoader] = {}
    for name, place in _COMMANDS.items():
        loaders[name] = partial(load_command, name, place)
    for name, (title, places) in _GROUPS.items():
        group = _TaskGroup if name == "task" else LazyGroup
        loaders[name] = partial(load_group, name, title, places, group)
    for name, place in _OLD_SPELLINGS.items():
        loaders[name] = partial(load_command, name, place, hidden=True)
    return loaders


def main() -> None:
    """Run `dmc` with the arguments of this process."""
    app(prog_name="dmc", obj=Invocation(is_process=True))
