"""The commands together, the options before them, and where errors end."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from .. import __version__
from ..errors import DmcError
from . import error_codes as explaining
from . import import_export as moving
from . import installations as listings
from . import migration as comparing
from . import migration as migrating
from . import preview as previewing
from . import servers as serving
from .command_context import error_exit_status
from .options import Workspace


class _Group(TyperGroup):
    """Turns an expected error into one line and an exit status, for all commands."""

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


app = typer.Typer(
    cls=_Group,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    # Plain text: the help and the messages are the same in a pipe and in a test.
    rich_markup_mode=None,
)


def _print_version(wanted: bool) -> None:
    if wanted:
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
    2 wrong use.
    """
    ctx.obj = workspace


app.command("connect")(listings.connect)
app.command("installations")(listings.list_installations)
app.command("entities")(listings.list_entities)
app.command("fields")(listings.list_fields)
app.command("export")(moving.export_records)
app.command("import")(moving.import_records)
app.command("preview")(previewing.preview_records)
app.command("mapping")(moving.save_mapping)
app.command("package")(moving.import_package)
app.command("migrate")(migrating.migrate)
app.command("export-package")(migrating.export_package)
app.command("compare")(comparing.compare_installations)
app.command("tasks")(listings.list_tasks)
app.command("task")(listings.show_task)
app.command("report")(listings.save_report)
app.command("templates")(listings.list_templates)
app.command("errors")(explaining.explain_errors)
app.command("serve")(serving.serve_dashboard)
app.command("sandbox")(serving.serve_sandbox)


def main() -> None:
    """Run `dmc` with the arguments of this process."""
    app(prog_name="dmc")
