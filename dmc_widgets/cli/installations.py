"""The commands that connect and show: nothing here moves a record."""

from __future__ import annotations

import sys

import typer

from ..model.access import DEFAULT_AT_ONCE, Access
from ..model.entity_type import EntityType, Field
from ..model.plan import ExportPlan
from ..model.task import Task
from ..storage.private_files import write_atomically
from .command_context import open_command_center
from .options import (
    AtOnce,
    CaFile,
    ClientId,
    Entity,
    InsecureHttp,
    Json,
    Name,
    NewName,
    Output,
    Purpose,
    PurposeOption,
    TaskId,
    TaskJson,
    Url,
    User,
)
from .output import (
    entity_type_to_json,
    failures_to_json,
    field_to_json,
    print_json,
    print_pairs,
    print_table,
    task_to_json,
    template_to_json,
)
from .task_progress import print_failures, print_parts


def connect(
    ctx: typer.Context,
    name: NewName,
    url: Url,
    *,
    user: User = "",
    client_id: ClientId = "",
    ca_file: CaFile = None,
    insecure_http: InsecureHttp = False,
    at_once: AtOnce = DEFAULT_AT_ONCE,
) -> None:
    """Remember an installation under a name; it has to answer.

    The password or client secret is asked for, and kept in the keyring of the
    system. Where there is none, set DMC_PASSWORD or DMC_CLIENT_SECRET.
    """
    center = open_command_center(ctx)
    access = Access(
        user=user,
        client_id=client_id,
        ca_file=str(ca_file.absolute()) if ca_file else "",
        insecure_http=insecure_http,
        at_once=at_once,
    )
    wanted = center.wanted_secret(name, url, access)
    secret = _prompt_for_secret(wanted) if wanted and sys.stdin.isatty() else None
    connection = center.connect(name, url, access, secret)
    count = len(center.entity_types(connection.name))
    typer.echo(f"Connected {connection.name} ({connection.url}): {count} entity types.")


def _prompt_for_secret(wanted: str) -> str | None:
    """Ask for a secret; who gives none means the one that is kept."""
    text = f"{wanted.capitalize()} (Enter for the one in the keyring)"
    answer: str = typer.prompt(text, default="", hide_input=True, show_default=False)
    return answer or None


def list_installations(ctx: typer.Context, *, as_json: Json = False) -> None:
    """List the installations of the workspace."""
    found = open_command_center(ctx).installations()
    if as_json:
        print_json([{"name": each.name, "url": each.url} for each in found])
        return
    print_table(("Name", "URL"), ((each.name, each.url) for each in found))


def list_entities(ctx: typer.Context, name: Name, *, as_json: Json = False) -> None:
    """List the entity types of an installation."""
    found = open_command_center(ctx).entity_types(name)
    if as_json:
        print_json([entity_type_to_json(each) for each in found])
        return
    print_table(
        ("Name", "Label", "Key"), ((each.name, each.label, each.key) for each in found)
    )


def list_fields(
    ctx: typer.Context,
    name: Name,
    entity: Entity,
    *,
    purpose: PurposeOption = None,
    as_json: Json = False,
) -> None:
    """List the fields of an entity type."""
    found = _select_fields(open_command_center(ctx).entity_type(name, entity), purpose)
    if as_json:
        print_json([field_to_json(each) for each in found])
        return
    print_table(
        ("Name", "Type", "Required", "Read Only", "Description"),
        (
            (each.name, each.type, each.required, each.read_only, each.description)
            for each in found
        ),
    )


def _select_fields(
    entity_type: EntityType, purpose: Purpose | None
) -> tuple[Field, ...]:
    if purpose is Purpose.IMPORT:
        return entity_type.import_fields
    if purpose is Purpose.EXPORT:
        return entity_type.export_fields
    return entity_type.fields


def list_tasks(ctx: typer.Context, *, as_json: Json = False) -> None:
    """List the tasks of the workspace, the newest first."""
    found = sorted(open_command_center(ctx).tasks(), key=lambda each: -each.id)
    if as_json:
        print_json([task_to_json(each) for each in found])
        return
    print_table(
        ("ID", "Name", "Action", "Type", "Status", "Successful", "Failed", "Total"),
        (_task_row(each) for each in found),
    )


def _task_row(task: Task) -> tuple[object, ...]:
    return (
        task.id,
        task.name,
        task.action,
        task.entity_type,
        task.status,
        task.counts.successful,
        task.counts.failed,
        task.counts.total,
    )


def show_task(
    ctx: typer.Context, task_id: TaskId, *, as_json: TaskJson = False
) -> None:
    """Show a task, its counts and what failed in it.

    Of a task whose worker died, what became of its records is found out first.
    """
    center = open_command_center(ctx)
    task = center.recover(task_id)
    if as_json:
        failures = center.failures(task_id)
        errors = failures_to_json(
            (failure.index, failure.problem) for failure in failures
        )
        print_json(
            {**task_to_json(task), "plan": task.plan.as_dict(), "errors": errors}
        )
        return
    shape = task_to_json(task)
    shape["notes"] = " ".join(task.notes)
    parts = shape.pop("parts")
    print_pairs((_title_of(name), value) for name, value in shape.items())
    if parts:
        print_parts(task)
    print_failures(center, task, limit=20)


def _title_of(name: str) -> str:
    words = "".join(f" {each}" if each.isupper() else each for each in name)
    return words.title().replace("Id", "ID")


def save_report(ctx: typer.Context, task_id: TaskId, *, output: Output) -> None:
    """Save the failed records of a task as CSV.

    Columns: item, itemIndex, message, code, field, value.
    """
    center = open_command_center(ctx)
    center.recover(task_id)
    write_atomically(output, center.report_chunks(task_id))
    typer.echo(f"Wrote {output}.")


def list_templates(ctx: typer.Context, *, as_json: Json = False) -> None:
    """List the templates of the workspace."""
    found = open_command_center(ctx).templates()
    if as_json:
        print_json([template_to_json(each) for each in found])
        return
    print_table(
        ("ID", "Name", "Created", "Action", "Type", "Format", "User"),
        (
            (
                each.id,
                each.name,
                each.created,
                each.plan.action,
                each.plan.entity_type,
                each.plan.format if isinstance(each.plan, ExportPlan) else "",
                each.author,
            )
            for each in found
        ),
    )
