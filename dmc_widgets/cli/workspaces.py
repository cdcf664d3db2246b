"""`dmc workspace` and `dmc work`: the workspace's database, and who runs its tasks."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import open_center
from ..model.task import Task
from ..workspace import default_path
from ..workspace.database_choice import DEFAULT_SCHEMA, DatabaseChoice, save_choice
from .command_context import open_command_center

DatabaseUrl = Annotated[
    str,
    typer.Argument(
        metavar="URL",
        help="postgresql://user@host/name, without a password: it is found in "
        "PGPASSWORD or ~/.pgpass.",
    ),
]
Schema = Annotated[
    str, typer.Option(help="The schema of the tables; each workspace has its own.")
]
Off = Annotated[
    bool, typer.Option("--off", help="Let each task start its own worker again.")
]
TasksAtOnce = Annotated[
    int, typer.Option("--at-once", min=1, help="How many tasks run here at once.")
]
UntilIdle = Annotated[
    bool, typer.Option("--until-idle", help="End once no task waits.")
]


def use_database(
    ctx: typer.Context, url: DatabaseUrl, *, schema: Schema = DEFAULT_SCHEMA
) -> None:
    """Keep a new workspace in PostgreSQL, so that several machines can share it.

    Its files stay in the folder of the workspace, which all machines have to see under
    the same path.
    """
    folder = ctx.obj.workspace or default_path()
    save_choice(folder, DatabaseChoice(url, schema))
    open_center(folder).close()
    typer.echo(f"The workspace {folder} is in the schema {schema} of {url}.")


def use_pool(ctx: typer.Context, *, off: Off = False) -> None:
    """Let new tasks wait for a process of `dmc work`, on any machine."""
    center = open_command_center(ctx)
    if off:
        center.pool.disable()
        typer.echo("Each task starts its own worker.")
    else:
        center.pool.enable()
        typer.echo("New tasks wait for a process that runs: dmc work")


def work(
    ctx: typer.Context, *, at_once: TasksAtOnce = 1, until_idle: UntilIdle = False
) -> None:
    """Take the tasks that wait in the workspace's pool, one after another.

    Ctrl-C ends it; the tasks that run here go on.
    """
    center = open_command_center(ctx)

    def announce(task: Task) -> None:
        typer.echo(f"Task {task.id}: {task.name}")

    try:
        center.pool.work(at_once=at_once, until_idle=until_idle, on_start=announce)
    except KeyboardInterrupt:
        typer.echo("The tasks that were taken go on.")
