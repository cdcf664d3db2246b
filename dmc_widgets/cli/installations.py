"""`dmc installation`: the installations of the workspace, and what they hold."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ..model.access import DEFAULT_AT_ONCE, Access
from ..model.entity_type import EntityType, Field
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
    Purpose,
    PurposeOption,
    Url,
    User,
)
from .output import (
    entity_type_to_json,
    field_to_json,
    print_json,
    print_table,
)

OtherName = Annotated[str, typer.Argument(metavar="NEW-NAME", help="The other name.")]


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
    missing = center.installations.missing_secret(name, url, access)
    secret = _prompt_for_secret(missing) if missing and sys.stdin.isatty() else None
    connection = center.installations.add(name, url, access, secret)
    count = len(center.installations.entity_types(connection.name))
    typer.echo(f"Connected {connection.name} ({connection.url}): {count} entity types.")


def _prompt_for_secret(kind: str) -> str | None:
    """Ask for a *password* or *client secret*; an empty answer means the stored one."""
    text = f"{kind.capitalize()} (Enter for the one in the keyring)"
    answer: str = typer.prompt(text, default="", hide_input=True, show_default=False)
    return answer or None


def list_installations(ctx: typer.Context, *, as_json: Json = False) -> None:
    """List the installations of the workspace."""
    connections = open_command_center(ctx).installations.list()
    if as_json:
        print_json([{"name": known.name, "url": known.url} for known in connections])
        return
    print_table(("Name", "URL"), ((known.name, known.url) for known in connections))


def test_installation(ctx: typer.Context, name: Name) -> None:
    """Check that an installation answers, and how much it holds."""
    state = open_command_center(ctx).installations.test(name)
    version = f"version {state.version}, " if state.version else ""
    typer.echo(
        f"{name} answers: {version}{state.entity_types:,} entity types, "
        f"{state.objects:,} of them objects."
    )


def remove_installation(ctx: typer.Context, name: Name) -> None:
    """Forget an installation and its stored secret; nothing of it is deleted.

    Its tasks stay in the list, and cannot be resumed or undone without it.
    """
    open_command_center(ctx).installations.remove(name)
    typer.echo(f"Removed {name}.")


def rename_installation(ctx: typer.Context, name: Name, new_name: OtherName) -> None:
    """Give an installation another name, everywhere it is named.

    Tasks, templates, drafts, the history, roles and the stored secret follow. It is
    refused while a task of it runs.
    """
    open_command_center(ctx).installations.rename(name, new_name)
    typer.echo(f"Renamed {name} to {new_name}.")


def list_entities(ctx: typer.Context, name: Name, *, as_json: Json = False) -> None:
    """List the entity types of an installation."""
    entity_types = open_command_center(ctx).installations.entity_types(name)
    if as_json:
        print_json([entity_type_to_json(entity_type) for entity_type in entity_types])
        return
    print_table(
        ("Name", "Label", "Key"),
        (
            (entity_type.name, entity_type.label, entity_type.key)
            for entity_type in entity_types
        ),
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
    entity_type = open_command_center(ctx).installations.entity_type(name, entity)
    fields = _select_fields(entity_type, purpose)
    if as_json:
        print_json([field_to_json(field) for field in fields])
        return
    print_table(
        ("Name", "Type", "Required", "Read Only", "Description"),
        (
            (field.name, field.type, field.required, field.read_only, field.description)
            for field in fields
        ),
    )


def list_sites(
    ctx: typer.Context, name: Name, entity: Entity, *, as_json: Json = False
) -> None:
    """List the sites that the entries of an object may belong to."""
    sites = open_command_center(ctx).installations.sites(name, entity)
    if as_json:
        print_json([{"key": site.key, "label": site.label} for site in sites])
        return
    print_table(("Key", "Label"), ((site.key, site.label) for site in sites))


def _select_fields(
    entity_type: EntityType, purpose: Purpose | None
) -> tuple[Field, ...]:
    if purpose is Purpose.IMPORT:
        return entity_type.import_fields
    if purpose is Purpose.EXPORT:
        return entity_type.export_fields
    return entity_type.fields
